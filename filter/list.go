package filter

import (
	"iter"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// List is a text in the format of the reference number filter: non-negative decimal integers with
// equal separators.
type List struct {
	Open      byte   // '[' or '(' if brackets enclose the list, else 0
	Period    bool   // a final "." follows the list
	Separator string // the text between two numbers; "" if there is one number

	body string // digits (Separator digits)*
}

// ParseList parses text; ok is false if its format is invalid. The List shares the memory of text,
// and ParseList allocates nothing. The cost is linear in the length of text.
//
// The reference rule uses runs of Unicode decimal digits, but it is sufficient to look for ASCII
// digits: a valid list has only ASCII digits, white space, and "," or ";" inside its brackets, so
// that any other character makes it invalid wherever the split of the rule would put it. All pieces
// of the split are non-empty and consist of digits exactly if the text has the form digits
// (separator digits)*.
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

// Values ranges over the numbers, first to last. It ignores leading zeros. For a number >= 2^64 it
// yields math.MaxUint64.
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

// Layout names the layout of the list by its separator, brackets and final period, such as
// "comma-space" or "[space].". It quotes a separator without a name.
func (l List) Layout() string {
	name := layoutName(l.Separator)
	switch l.Open {
	case '[':
		name = "[" + name + "]"
	case '(':
		name = "(" + name + ")"
	}
	if l.Period {
		name += "."
	}
	return name
}

func layoutName(separator string) string {
	switch separator {
	case "":
		return "one number"
	case ",":
		return "comma"
	case ", ":
		return "comma-space"
	case ";":
		return "semicolon"
	case "; ":
		return "semicolon-space"
	case " ":
		return "space"
	case "\n":
		return "line feed"
	case ",\n":
		return "comma-line feed"
	case "\t":
		return "tab"
	}
	return strconv.Quote(separator)
}

// leadingDigits returns the number of ASCII digits at the start of s.
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

// separates reports whether s is a separator: not empty, and "", "," or ";" without the white space
// around it.
func separates(s string) bool {
	switch strings.TrimFunc(s, isSpace) {
	case "", ",", ";":
		return s != ""
	}
	return false
}

// isSpace reports whether r is white space for str.strip of Python, which the reference filter
// uses: the White_Space of Unicode and the four ASCII information separators.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f
}
