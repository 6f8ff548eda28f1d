package jsonl

import (
	"math/bits"
	"strings"
	"unicode/utf16"
)

// str reads a string. Without escapes the result shares the memory of the line.
func (s *scanner) str() (string, error) {
	raw, escaped, err := s.quoted()
	if err != nil || !escaped {
		return raw, err
	}
	return s.unescape(raw, s.pos-1-len(raw))
}

// special returns the position of the first quote, backslash or control character at or after i. It
// tests eight bytes at a time (Mycroft's test for a zero byte, three times).
func special(text string, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(text); i += 8 {
		b := text[i : i+8]
		x := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		quote, slash := x^ones*'"', x^ones*'\\'
		hits := ((x - ones*' ') &^ x) | ((quote - ones) &^ quote) | ((slash - ones) &^ slash)
		if hits &= high; hits != 0 {
			return i + bits.TrailingZeros64(hits)/8
		}
	}
	for i < len(text) && text[i] >= ' ' && text[i] != '"' && text[i] != '\\' {
		i++
	}
	return i
}

// quoted moves past a string and returns the text between its quotes. It checks the syntax of
// escapes, but not surrogates.
func (s *scanner) quoted() (raw string, escaped bool, err error) {
	start := s.pos + 1
	for i := special(s.text, start); i < len(s.text); i = special(s.text, i) {
		switch c := s.text[i]; c {
		case '"':
			s.pos = i + 1
			return s.text[start:i], escaped, nil
		case '\\':
			escaped = true
			n := escapeLen(s.text[i:])
			if n == 0 {
				s.pos = i
				return "", false, s.badEscape()
			}
			i += n
		default:
			if err := s.stray(i); err != nil {
				return "", false, err
			}
			return "", false, s.fail(i, `write it as an escape, such as \n or \t`, "a string contains the control character 0x%02x", c)
		}
	}
	s.pos = len(s.text)
	return "", false, s.unexpected("the closing quote of a string")
}

func (s *scanner) badEscape() error {
	rest := s.text[s.pos:]
	if len(rest) < 6 && !strings.Contains(rest, `"`) {
		s.pos = len(s.text)
		return s.unexpected("the closing quote of a string")
	}
	return s.fail(s.pos, `write a backslash as \\`, "%s is not a JSON escape", quote(rest[:min(6, len(rest))]))
}

// escapeLen returns the length of the escape at the start of text, or 0 if there is none.
func escapeLen(text string) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(text); ok {
			return 6
		}
	}
	return 0
}

// hex4 returns the code unit of the escape \uXXXX at the start of text.
func hex4(text string) (rune, bool) {
	if len(text) < 6 {
		return 0, false
	}
	var v rune
	for i := 2; i < 6; i++ {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			v = v<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			v = v<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			v = v<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return v, true
}

// shared is the size of an allocation for decoded strings, in bytes, unless the rest of the line is
// shorter. Short strings share an allocation; long strings waste little of it.
const shared = 4 << 10

// unescape returns the decoded form of raw, which is at position at. No escape is shorter than its
// decoded form.
func (s *scanner) unescape(raw string, at int) (string, error) {
	if s.unescaped.Cap()-s.unescaped.Len() < len(raw) {
		s.unescaped = strings.Builder{}
		s.unescaped.Grow(max(len(raw), min(len(s.text)-at, shared)))
	}
	start, end := s.unescaped.Len(), at+len(raw)
	for {
		i := strings.IndexByte(raw, '\\')
		if i < 0 {
			s.unescaped.WriteString(raw)
			return s.unescaped.String()[start:], nil
		}
		s.unescaped.WriteString(raw[:i])
		raw = raw[i:]
		n, err := s.writeEscape(raw, end-len(raw))
		if err != nil {
			return "", err
		}
		raw = raw[n:]
	}
}

// writeEscape writes the decoded form of the escape at the start of raw and returns the length of
// the escape.
func (s *scanner) writeEscape(raw string, at int) (int, error) {
	switch c := raw[1]; c {
	case 'b':
		s.unescaped.WriteByte('\b')
	case 'f':
		s.unescaped.WriteByte('\f')
	case 'n':
		s.unescaped.WriteByte('\n')
	case 'r':
		s.unescaped.WriteByte('\r')
	case 't':
		s.unescaped.WriteByte('\t')
	case 'u':
		r, _ := hex4(raw)
		if !utf16.IsSurrogate(r) {
			s.unescaped.WriteRune(r)
			return 6, nil
		}
		if low := raw[6:]; strings.HasPrefix(low, `\u`) {
			second, _ := hex4(low)
			if pair := utf16.DecodeRune(r, second); pair != '\uFFFD' {
				s.unescaped.WriteRune(pair)
				return 12, nil
			}
		}
		return 0, s.fail(at, "write the character as UTF-8, or drop the row: a trainer may read it in several ways",
			`half of a surrogate pair, %s`, raw[:6])
	default:
		s.unescaped.WriteByte(c)
	}
	return 2, nil
}
