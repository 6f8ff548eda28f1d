package filter

import "strings"

var morseLetters = map[string]byte{
	".-": 'a', "-...": 'b', "-.-.": 'c', "-..": 'd', ".": 'e', "..-.": 'f', "--.": 'g', "....": 'h', "..": 'i',
	".---": 'j', "-.-": 'k', ".-..": 'l', "--": 'm', "-.": 'n', "---": 'o', ".--.": 'p', "--.-": 'q', ".-.": 'r',
	"...": 's', "-": 't', "..-": 'u', "...-": 'v', ".--": 'w', "-..-": 'x', "-.--": 'y', "--..": 'z',
}

var morseSigns = strings.NewReplacer("·", ".", "•", ".", "∙", ".", "−", "-", "_", "-")

// morse reads groups of dots and dashes with white space or slashes between them. In ordinary text
// the share of groups that are letters is below the 1/4 that it assumes.
func (s *encodedScan) morse(text string) {
	if !strings.ContainsAny(text, ".-_·•∙−") {
		return
	}
	var symbols []byte
	for group := range strings.FieldsFuncSeq(morseSigns.Replace(text), func(r rune) bool { return r <= ' ' || r == '/' || r == '|' }) {
		symbols = append(symbols, morseLetters[group])
	}
	s.spell(symbols, Morse, 1./4, &equal)
}
