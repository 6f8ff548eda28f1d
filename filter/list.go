package filter

import (
	"iter"
	"math"
	"strings"
	"unicode"
)

// List is a text that follows the format of the reference number filter,
// taken apart: non-negative decimal integers with one separator throughout.
type List struct {
	Open      byte   // '[' or '(' if a pair of brackets wraps the list, else 0
	Period    bool   // a final "." follows it
	Separator string // the exact text between any two numbers; "" if there is one number

	body string // digits (Separator digits)*
}

// ParseList takes text apart; ok is false if its format is invalid. It holds
// on to text and allocates nothing; its cost is linear in the length of text.
//
// The rule speaks of runs of Unicode decimal digits, yet looking for the
// ASCII ones is enough: a valid list has nothing but ASCII digits, white
// space, and "," or ";" inside its brackets, so that any other character,
// digit or not, makes it invalid wherever the rule's split would have put it.
// The pieces of that split are all non-empty and all digits exactly if
// the text has the form digits (separator digits)*.
func ParseList(text string) (l List, ok bool) {
	l.body, l.Period = strings.CutSuffix(text, ".")
	if n := len(l.body); n >= 2 {
		switch open := l.body[0]; {
		case open == '[' && l.body[n-1] == ']', open == '(' && l.body[n-1] == ')':
			l.Open, l.body = open, l.body[1:n-1]
		}
	}
	first := leadingDigits(l.body)
	if first == 0 {
		return List{}, false
	}
	rest := l.body[first:]
	if rest == "" {
		return l, true
	}
	l.Separator = rest[:max(0, strings.IndexAny(rest, "0123456789"))]
	if !separates(l.Separator) {
		return List{}, false
	}
	for rest != "" {
		next, found := strings.CutPrefix(rest, l.Separator)
		n := leadingDigits(next)
		if !found || n == 0 {
			return List{}, false
		}
		rest = next[n:]
	}
	return l, true
}

// Values ranges over the numbers, first to last. Leading zeros do not count;
// a number of 2^64 or more comes as math.MaxUint64.
func (l List) Values() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for rest := l.body; rest != ""; {
			n := leadingDigits(rest)
			if n > 0 && !yield(saturating(rest[:n])) {
				return
			}
			rest = rest[min(len(rest), n+1):] // past a byte of the separator
		}
	}
}

// leadingDigits returns how many ASCII digits s begins with.
func leadingDigits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}

// saturating returns the value of ASCII digits, or math.MaxUint64 if it is greater.
func saturating(digits string) uint64 {
	var v uint64
	for i := range len(digits) {
		d := uint64(digits[i] - '0')
		if v > (math.MaxUint64-d)/10 {
			return math.MaxUint64
		}
		v = 10*v + d
	}
	return v
}

// separates reports whether s may stand between two numbers: some text that
// is "", "," or ";" once the white space around it is stripped.
func separates(s string) bool {
	switch strings.TrimFunc(s, isSpace) {
	case "", ",", ";":
		return s != ""
	}
	return false
}

// isSpace reports whether r is white space to Python's str.strip, the
// reference filter's definition: Unicode's White_Space and the four ASCII
// information separators, which bidirectional text treats as white space.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f
}
