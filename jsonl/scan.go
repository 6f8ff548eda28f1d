package jsonl

import (
	"fmt"
	"strings"
)

// maxDepth is the largest nesting depth of lists and objects.
const maxDepth = 128

// scanner reads the JSON text of one line (RFC 8259). It allocates memory only for strings with
// escapes.
type scanner struct {
	text      string
	base      int64 // offset of text in the file
	pos       int
	depth     int
	unescaped strings.Builder // decoded strings; they share its memory, which is never overwritten
}

func (s *scanner) reset(text string) {
	s.text, s.pos, s.depth = text, 0, 0
	s.unescaped = strings.Builder{}
}

const notJSON = "the line is not JSON (RFC 8259)"

// fail returns an error about the byte at a position.
func (s *scanner) fail(at int, hint, format string, args ...any) error {
	return &Error{Column: at + 1, Offset: s.base + int64(at), Msg: fmt.Sprintf(format, args...), Hint: hint}
}

// limit is fail for input that exceeds a limit.
func (s *scanner) limit(at int, hint, format string, args ...any) error {
	return &Error{Column: at + 1, Offset: s.base + int64(at), Msg: fmt.Sprintf(format, args...), Hint: hint, Err: ErrLimit}
}

// space moves to the next token.
func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// peek returns the first byte of the next token, or 0 at the end of the line.
func (s *scanner) peek() byte {
	s.space()
	if s.pos == len(s.text) {
		return 0
	}
	return s.text[s.pos]
}

// ended reports whether no token follows.
func (s *scanner) ended() bool {
	s.space()
	return s.pos == len(s.text)
}

// take moves past the next token if it is the byte c, and reports whether it is.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// unexpected returns the error for a token other than the wanted one.
func (s *scanner) unexpected(want string) error {
	if s.ended() {
		return s.fail(s.pos, "write each row as one complete JSON object on one line", "the line ends before %s", want)
	}
	if err := s.stray(s.pos); err != nil {
		return err
	}
	r := []rune(s.text[s.pos:min(s.pos+4, len(s.text))])[0]
	return s.fail(s.pos, notJSON, "unexpected %q, want %s", r, want)
}

// enter moves into a list or an object.
func (s *scanner) enter() error {
	if s.depth == maxDepth {
		return s.limit(s.pos, "flatten the row", "more than %d lists and objects are nested", maxDepth)
	}
	s.depth++
	s.pos++
	return nil
}

// next moves to element i of a list or object whose last byte is end. If there is no element i, it
// leaves the list or object and returns false.
func (s *scanner) next(end byte, i int) (bool, error) {
	if s.take(end) {
		s.depth--
		return false, nil
	}
	if i == 0 {
		return true, nil
	}
	if !s.take(',') {
		return false, s.unexpected(fmt.Sprintf("',' or %q", end))
	}
	if s.peek() == end {
		return false, s.fail(s.pos, notJSON, "a comma before %q", end)
	}
	return true, nil
}

// object calls field for each field of an object, with the name and its position, at the value.
func (s *scanner) object(field func(name string, at int) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		more, err := s.next('}', i)
		if err != nil || !more {
			return err
		}
		if s.peek() != '"' {
			return s.unexpected("a field name in double quotes")
		}
		at := s.pos
		name, err := s.str()
		if err != nil {
			return err
		}
		if !s.take(':') {
			return s.unexpected("':'")
		}
		s.space()
		if err := field(name, at); err != nil {
			return err
		}
	}
}

// list calls element for each element of a list.
func (s *scanner) list(element func(i int) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		more, err := s.next(']', i)
		if err != nil || !more {
			return err
		}
		if err := element(i); err != nil {
			return err
		}
	}
}

// skip moves past the next value.
func (s *scanner) skip() error {
	switch c := s.peek(); c {
	case '"':
		_, _, err := s.quoted()
		return err
	case '{', '[':
		return s.skipNested(c)
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		return s.number()
	}
}

func (s *scanner) skipNested(c byte) error {
	if err := s.enter(); err != nil {
		return err
	}
	end := c + 2 // in ASCII, ']' is '[' + 2 and '}' is '{' + 2
	for i := 0; ; i++ {
		more, err := s.next(end, i)
		if err != nil || !more {
			return err
		}
		if c == '{' {
			if err := s.skipName(); err != nil {
				return err
			}
		}
		if err := s.skip(); err != nil {
			return err
		}
	}
}

func (s *scanner) skipName() error {
	if s.peek() != '"' {
		return s.unexpected("a field name in double quotes")
	}
	if _, _, err := s.quoted(); err != nil {
		return err
	}
	if !s.take(':') {
		return s.unexpected("':'")
	}
	return nil
}

func (s *scanner) literal(word string) error {
	if !strings.HasPrefix(s.text[s.pos:], word) {
		return s.unexpected("a JSON value")
	}
	s.pos += len(word)
	return nil
}

func (s *scanner) number() error {
	start := s.pos
	if s.is('-') {
		s.pos++
	}
	switch {
	case s.is('0'):
		s.pos++
	case s.digits() == 0:
		s.pos = start
		return s.unexpected("a JSON value")
	}
	if s.is('.') {
		s.pos++
		if s.digits() == 0 {
			return s.unexpected("a digit")
		}
	}
	if s.is('e') || s.is('E') {
		s.pos++
		if s.is('+') || s.is('-') {
			s.pos++
		}
		if s.digits() == 0 {
			return s.unexpected("a digit")
		}
	}
	return nil
}

// is reports whether the byte at the current position is c.
func (s *scanner) is(c byte) bool { return s.pos < len(s.text) && s.text[s.pos] == c }

func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.text) && '0' <= s.text[s.pos] && s.text[s.pos] <= '9' {
		s.pos++
	}
	return s.pos - start
}

// kind names the type of the next value.
func (s *scanner) kind() string {
	switch c := s.peek(); c {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}
