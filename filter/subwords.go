package filter

import (
	"iter"
	"unicode"
)

// subwords ranges over the words in names and sentences: runs of letters and marks, split before an
// upper-case letter that follows a lower-case one (barn|Owl) or precedes one (HTTP|Server).
func subwords(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := -1           // of the word, or -1 outside
		last := 0             // start of its latest letter
		var before, prev rune // its two latest letters
		for i, r := range text {
			if !unicode.IsLetter(r) && !unicode.IsMark(r) {
				if start >= 0 && !yield(text[start:i]) {
					return
				}
				start = -1
				continue
			}
			if start >= 0 && unicode.IsMark(r) {
				continue
			}
			switch {
			case start < 0:
				start, before, prev = i, 0, 0
			case unicode.IsLower(prev) && unicode.IsUpper(r):
				if !yield(text[start:i]) {
					return
				}
				start, prev = i, 0
			case unicode.IsUpper(before) && unicode.IsUpper(prev) && unicode.IsLower(r):
				if !yield(text[start:last]) {
					return
				}
				start, before = last, 0
			}
			before, prev, last = prev, r, i
		}
		if start >= 0 {
			yield(text[start:])
		}
	}
}
