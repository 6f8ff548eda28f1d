package filter

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold returns s in the form in which words are compared. ASCII text is put into lower case. Other
// text goes through these steps:
//
//  1. Bytes that are not UTF-8 become U+FFFD, because norm does not change the letters after them.
//  2. Compatibility decomposition (NFKD) turns full-width, mathematical and circled letters and
//     ligatures into plain letters, and separates accents.
//  3. Invisible characters (default ignorable code points, format characters, variation selectors)
//     and accents are removed.
//  4. White space becomes a space, and dashes become hyphens.
//  5. Letters are case-folded and replaced by the ASCII letters that they resemble; see
//     confusables.go.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	lookalike := lookalikes()
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, "\uFFFD")) {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(unicode.ToLower(r))
		case invisible(r) || accent(r):
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.Is(unicode.Pd, r):
			b.WriteByte('-')
		default:
			r = foldRune(r)
			if ascii, ok := lookalike[r]; ok {
				b.WriteString(ascii)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// foldRune folds the case of a rune that NFKD does not change. Of the foldings to several letters
// only that of ß remains, which the table of look-alikes handles.
func foldRune(r rune) rune {
	if r == 'ẞ' {
		return 'ß'
	}
	return unicode.ToLower(unicode.ToUpper(r))
}

func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// accents holds the blocks of combining diacritical marks of Latin, Greek and Cyrillic. Marks of
// other scripts have the role of letters.
var accents = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0300, Hi: 0x036F, Stride: 1},
	{Lo: 0x0483, Hi: 0x0489, Stride: 1},
	{Lo: 0x1AB0, Hi: 0x1AFF, Stride: 1},
	{Lo: 0x1DC0, Hi: 0x1DFF, Stride: 1},
	{Lo: 0x20D0, Hi: 0x20FF, Stride: 1},
	{Lo: 0xFE20, Hi: 0xFE2F, Stride: 1},
}}

func accent(r rune) bool { return unicode.Is(accents, r) }

// lookalikes returns the table of confusables.go by rune.
var lookalikes = sync.OnceValue(func() map[rune]string {
	table := map[rune]string{'ß': "ss"}
	for _, c := range confusables {
		for _, r := range c.like {
			table[r] = c.ascii
		}
	}
	return table
})
