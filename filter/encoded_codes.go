package filter

import (
	"math"
	"strings"
)

// codes reads lists of numbers: character codes in four bases, positions in the alphabet, and keys
// of a telephone. It ignores the text between the numbers, except other words.
func (s *encodedScan) codes(text string) {
	lists := []struct {
		in      Encoding
		read    func(token string) byte
		symbols []byte // one for each token
	}{
		{in: DecimalCodes, read: decimalCode}, {in: HexCodes, read: hexCode}, {in: OctalCodes, read: octalCode},
		{in: BinaryCodes, read: binaryCode}, {in: A1Z26, read: placeInAlphabet}, {in: MultiTap, read: multiTap},
	}
	var keys []byte // the digits of the text, with a space around each number of several digits and for each word
	tokens(text, func(token string, end int) {
		if (token == "U" || token == "u") && strings.HasPrefix(text[end:], "+") {
			return // the prefix of U+006F
		}
		for i := range lists {
			lists[i].symbols = append(lists[i].symbols, lists[i].read(token))
		}
		switch digits := leadingDigits(token) == len(token); {
		case !digits:
			keys = append(keys, ' ')
		case len(token) == 1:
			keys = append(keys, token[0])
		default:
			keys = append(append(append(keys, ' '), token...), ' ')
		}
	})

	for _, l := range lists {
		s.spell(l.symbols, l.in, 0, &equal)
	}
	s.keypad.scan(string(keys), func(spelling, _ int) {
		n := len(s.spellings[spelling])
		s.occurs(spelling, KeypadDigits, len(keys)-n+1, math.Pow(8, -float64(n)))
	})
}

// tokens calls f for each run of ASCII letters and digits, with the index after it.
func tokens(text string, f func(token string, end int)) {
	for i := 0; i < len(text); {
		if !isAlnum(text[i]) {
			i++
			continue
		}
		start := i
		for i < len(text) && isAlnum(text[i]) {
			i++
		}
		f(text[start:i], i)
	}
}

// letterOf returns the letter with this ASCII code, in lower case, or 0.
func letterOf(code int) byte {
	if code < 128 && isLetter(byte(code)) {
		return lower(byte(code))
	}
	return 0
}

func decimalCode(token string) byte {
	if len(token) < 2 || len(token) > 4 {
		return 0
	}
	return letterOf(number(token, 10))
}

// hexCode reads 6f, 0x6f, x6f, and Unicode escapes of up to 8 digits.
func hexCode(token string) byte {
	token = strings.TrimPrefix(token, "0x")
	token = strings.TrimLeft(token, "xXuU")
	switch len(token) {
	case 2, 4, 6, 8:
		return letterOf(number(token, 16))
	}
	return 0
}

func octalCode(token string) byte {
	token = strings.TrimPrefix(strings.TrimPrefix(token, "0o"), "0")
	if len(token) != 3 {
		return 0
	}
	return letterOf(number(token, 8))
}

func binaryCode(token string) byte {
	token = strings.TrimPrefix(token, "0b")
	if len(token) != 7 && len(token) != 8 {
		return 0
	}
	return letterOf(number(token, 2))
}

func placeInAlphabet(token string) byte {
	if v := number(token, 10); len(token) <= 2 && 1 <= v && v <= 26 {
		return byte('a' + v - 1)
	}
	return 0
}

// multiTap reads a key that is pressed one to four times.
func multiTap(token string) byte {
	key := token[0]
	if key < '2' || key > '9' || len(token) > 4 || strings.Trim(token, token[:1]) != "" {
		return 0
	}
	first := strings.IndexByte("22233344455566677778889999", key)
	letter := first + len(token) - 1
	if letter >= 26 || keypadDigit(byte('a'+letter)) != key {
		return 0
	}
	return byte('a' + letter)
}

// number returns the value of at most 8 digits, or math.MaxInt32, which is no code.
func number(digits string, base int) int {
	v := 0
	for _, c := range []byte(digits) {
		d := int(hexDigits.value[c])
		if d < 0 || d >= base || len(digits) > 8 {
			return math.MaxInt32
		}
		v = v*base + d
	}
	return v
}
