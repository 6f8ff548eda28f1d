package tokenizer

import (
	"unicode"
	"unicode/utf8"
)

// class is a set of characters, as patterns name it.
type class uint8

const (
	letter  class = 1 << iota // \p{L}
	number                    // \p{N}
	space                     // \s, which is White_Space
	mark                      // \p{M}
	newline                   // [\r\n]
	upper                     // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
	lower                     // [\p{Ll}\p{Lm}\p{Lo}\p{M}]
)

var caseless = []*unicode.RangeTable{unicode.Lm, unicode.Lo, unicode.M}

// asciiClass has the classes of every ASCII character.
var asciiClass = func() (table [utf8.RuneSelf]class) {
	for r := range rune(utf8.RuneSelf) {
		for c := letter; c <= lower; c <<= 1 {
			if slowlyIn(r, c) {
				table[r] |= c
			}
		}
	}
	return table
}()

// in reports whether r is in one of the classes of c. A byte that is not UTF-8 arrives as U+FFFD,
// which is in none.
func in(r rune, c class) bool {
	if uint32(r) < utf8.RuneSelf {
		return asciiClass[r]&c != 0
	}
	return slowlyIn(r, c)
}

func slowlyIn(r rune, c class) bool {
	return c&letter != 0 && unicode.IsLetter(r) ||
		c&number != 0 && unicode.IsNumber(r) ||
		c&space != 0 && unicode.IsSpace(r) ||
		c&mark != 0 && unicode.IsMark(r) ||
		c&newline != 0 && (r == '\r' || r == '\n') ||
		c&upper != 0 && (unicode.IsUpper(r) || unicode.IsTitle(r) || unicode.In(r, caseless...)) ||
		c&lower != 0 && (unicode.IsLower(r) || unicode.In(r, caseless...))
}

// run returns the length in bytes of the longest start of s whose characters are all in c (want) or
// all outside of it (!want).
func run(s string, c class, want bool) int {
	i := 0
	for i < len(s) {
		if b := s[i]; b < utf8.RuneSelf {
			if asciiClass[b]&c != 0 != want {
				break
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if slowlyIn(r, c) != want {
			break
		}
		i += n
	}
	return i
}
