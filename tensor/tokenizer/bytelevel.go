package tokenizer

import "strings"

// byteLevel is GPT-2's spelling of bytes as printable characters: the printable characters of
// Latin-1 are themselves, the other bytes are U+0100 and on, in order.
// https://github.com/openai/gpt-2, src/encoder.py
var byteLevel = func() (alphabet [256]rune) {
	hidden := rune(0x100)
	for b := range rune(256) {
		if '!' <= b && b <= '~' || '¡' <= b && b <= '¬' || '®' <= b {
			alphabet[b] = b
		} else {
			alphabet[b] = hidden
			hidden++
		}
	}
	return alphabet
}()

// byteOf is the inverse of byteLevel, and -1 for other characters.
var byteOf = func() (inverse [0x144]int16) {
	for i := range inverse {
		inverse[i] = -1
	}
	for b, r := range byteLevel {
		inverse[r] = int16(b)
	}
	return inverse
}()

// fromByteLevel returns the bytes that a token spells, or false if a character of it is not a byte.
func fromByteLevel(token string) (string, bool) {
	var b strings.Builder
	for _, r := range token {
		if int(r) >= len(byteOf) || byteOf[r] < 0 {
			return "", false
		}
		b.WriteByte(byte(byteOf[r]))
	}
	return b.String(), true
}
