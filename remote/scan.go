package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// scanner reads JSON (RFC 8259) of a bounded depth and size. It is for large responses: package
// encoding/json reads each byte several times. Strings share the memory of the text.
type scanner struct {
	text           string // UTF-8
	at             int
	depth, objects int
}

// scanned is a response that reads itself.
type scanned interface{ scan(s *scanner) error }

// scanBody reads a response, which is all of a text.
func scanBody(text string, to scanned) error {
	s := &scanner{text: text}
	if err := to.scan(s); err != nil {
		return err
	}
	if s.peek(); s.at < len(text) {
		return fmt.Errorf("%d bytes follow the value", len(text)-s.at)
	}
	return nil
}

// peek moves to the next token and returns its first byte, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// take moves past the next token if it is the byte c.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

func (s *scanner) unexpected(want string) error {
	if s.peek(); s.at == len(s.text) {
		return fmt.Errorf("it ends before %s", want)
	}
	return fmt.Errorf("byte %d is not %s", s.at, want)
}

// enter moves into an array or an object.
func (s *scanner) enter(open byte, want string) error {
	if !s.take(open) {
		return s.unexpected(want)
	}
	return s.nest()
}

// nest counts an array or an object that begins.
func (s *scanner) nest() error {
	if s.depth++; s.depth > maxDepth {
		return fmt.Errorf("it is nested more than %d levels deep", maxDepth)
	}
	if s.objects++; s.objects > maxObjects {
		return fmt.Errorf("it has more than %d arrays and objects", maxObjects)
	}
	return nil
}

// next moves to the next element of an array or object, the first one if first is set, or out of
// it.
func (s *scanner) next(end byte, first bool) (more bool, err error) {
	switch {
	case s.take(end):
		s.depth--
		return false, nil
	case first || s.take(','):
		return true, nil
	}
	return false, s.unexpected("a comma or the end of a list")
}

// list calls element for each element of an array, which element must read.
func (s *scanner) list(element func() error) error {
	if err := s.enter('[', "an array"); err != nil {
		return err
	}
	for first := true; ; first = false {
		if more, err := s.next(']', first); err != nil || !more {
			return err
		}
		if err := element(); err != nil {
			return err
		}
	}
}

// object calls field for each field of an object, whose value field must read.
func (s *scanner) object(field func(name string) error) error {
	if err := s.enter('{', "an object"); err != nil {
		return err
	}
	for first := true; ; first = false {
		if more, err := s.next('}', first); err != nil || !more {
			return err
		}
		name, err := s.str()
		if err != nil {
			return err
		}
		if !s.take(':') {
			return s.unexpected("a colon")
		}
		if err := field(name); err != nil {
			return err
		}
	}
}

// null moves past null, and reports whether it is the next value.
func (s *scanner) null() bool { return s.peek() == 'n' && s.literal("null") == nil }

func (s *scanner) literal(word string) error {
	if !strings.HasPrefix(s.text[s.at:], word) {
		return s.unexpected("a value")
	}
	s.at += len(word)
	return nil
}

// str reads a string.
func (s *scanner) str() (string, error) {
	if s.peek() != '"' {
		return "", s.unexpected("a string")
	}
	start, escaped := s.at, false
	for i := start + 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			return "", fmt.Errorf("byte %d is a control character", i)
		case c == '"':
			s.at = i + 1
			if !escaped {
				return s.text[start+1 : i], nil
			}
			var text string
			err := json.Unmarshal([]byte(s.text[start:s.at]), &text)
			return text, err
		}
	}
	return "", errors.New("it ends within a string")
}

// number reads a number.
func (s *scanner) number() (string, error) {
	s.peek()
	start := s.at
	s.sign("-")
	whole := s.at
	if n := s.digits(); n == 0 || n > 1 && s.text[whole] == '0' {
		return "", s.unexpected("a number")
	}
	if s.at < len(s.text) && s.text[s.at] == '.' {
		if s.at++; s.digits() == 0 {
			return "", s.unexpected("a digit")
		}
	}
	if s.at < len(s.text) && s.text[s.at]|' ' == 'e' {
		s.at++
		s.sign("+-")
		if s.digits() == 0 {
			return "", s.unexpected("a digit")
		}
	}
	return s.text[start:s.at], nil
}

// sign moves past one of the given signs.
func (s *scanner) sign(signs string) {
	if s.at < len(s.text) && strings.IndexByte(signs, s.text[s.at]) >= 0 {
		s.at++
	}
}

// digits moves past digits and returns their number.
func (s *scanner) digits() int {
	start := s.at
	for s.at < len(s.text) && '0' <= s.text[s.at] && s.text[s.at] <= '9' {
		s.at++
	}
	return s.at - start
}

// skip reads any value.
func (s *scanner) skip() error {
	switch s.peek() {
	case '{':
		return s.object(func(string) error { return s.skip() })
	case '[':
		return s.list(s.skip)
	case '"':
		_, err := s.str()
		return err
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	_, err := s.number()
	return err
}

// listOrNull is list for an array or null.
func (s *scanner) listOrNull(element func() error) error {
	if s.null() {
		return nil
	}
	return s.list(element)
}

// ids reads an array of tokens, or null.
func (s *scanner) ids() (ids []int32, err error) {
	if s.null() {
		return nil, nil
	}
	ids = []int32{}
	err = s.list(func() error {
		text, err := s.number()
		if err != nil {
			return err
		}
		id, err := strconv.ParseInt(text, 10, 32)
		ids = append(ids, int32(id))
		return err
	})
	return ids, err
}

// float reads a number, and reports whether it is one, or null.
func (s *scanner) float(to *float64, isNumber *bool) error {
	if *isNumber = !s.null(); !*isNumber {
		return nil
	}
	text, err := s.number()
	if err != nil {
		return err
	}
	*to, err = strconv.ParseFloat(text, 64)
	return err
}

// value reads a value with package encoding/json.
func (s *scanner) value(to any) error {
	s.peek()
	start := s.at
	if err := s.skip(); err != nil {
		return err
	}
	return json.Unmarshal([]byte(s.text[start:s.at]), to)
}
