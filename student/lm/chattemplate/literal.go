package chattemplate

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isSpace reports whether Python's str.isspace does.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// literal reads a string literal.
func (l *lexer) literal(quote byte) error {
	rest := l.rest()
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case quote:
			l.add(kindString, unescape(rest[1:i]))
			l.skip(i + 1)
			return nil
		}
	}
	return l.errorf("a string has no end")
}

// unescape replaces the escapes of a Python string. An escape that Python does not know stands for
// itself.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		r, n := escaped(s[i+1:])
		switch {
		case n == 0: // unknown
			b.WriteByte('\\')
		case r >= 0:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// simple are the escapes of one character; a line feed has no text.
var simple = map[byte]rune{'n': '\n', 't': '\t', 'r': '\r', '\\': '\\', '\'': '\'', '"': '"', 'a': '\a', 'b': '\b', 'f': '\f', 'v': '\v', '\n': -1}

// escaped returns the character that the text behind a backslash stands for and the length of the
// text, or 0 if there is none.
func escaped(s string) (rune, int) {
	if r, ok := simple[s[0]]; ok {
		return r, 1
	}
	base, from, most := 16, 1, map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[0]]
	if s[0] >= '0' && s[0] <= '7' {
		base, from, most = 8, 0, 3
	}
	to := from
	for to < len(s) && to < from+most && strings.IndexByte("0123456789abcdefABCDEF"[:base+base/16*6], s[to]) >= 0 {
		to++
	}
	if to == from || base == 16 && to-from != most {
		return 0, 0
	}
	n, err := strconv.ParseUint(s[from:to], base, 32)
	if err != nil || n > utf8.MaxRune {
		return 0, 0
	}
	return rune(n), to
}
