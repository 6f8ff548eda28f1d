package jsondoc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/undertone-audit/undertone/internal/bounded"
)

// maxDepth is the largest number of objects and lists around a JSON value.
const maxDepth = bounded.MaxDepth

// maxFields is the largest number of fields of one object.
const maxFields = 100_000

// Canonical returns the canonical form of a JSON value: RFC 8785 (no spaces, fields in the order of
// their names, strings with the fewest escapes, numbers in the shortest form of a float64), except
// that integers keep all their digits, and -0 its sign. It refuses text that readers understand in
// different ways: text that is not UTF-8, an object with a field twice, half of a surrogate pair, a
// number that is not finite, more than one value, more than 100 levels, and an object of more than
// 100,000 fields.
func Canonical(text []byte) ([]byte, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("it is not UTF-8")
	}
	var one json.RawMessage
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&one); err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	if rest := bytes.TrimLeft(text[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, fmt.Errorf("there are %d bytes behind the JSON value", len(rest))
	}
	c := canonicaliser{text: one}
	err := c.value(0)
	return c.out, err
}

// canonicaliser reads text, which is valid JSON, and appends its canonical form to out.
type canonicaliser struct {
	text []byte
	out  []byte
}

// peek skips spaces and returns the next byte.
func (c *canonicaliser) peek() byte {
	c.text = bytes.TrimLeft(c.text, " \t\r\n")
	return c.text[0]
}

// accept skips the next byte if it is b.
func (c *canonicaliser) accept(b byte) bool {
	if c.peek() != b {
		return false
	}
	c.text = c.text[1:]
	return true
}

func (c *canonicaliser) value(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("it has more than %d levels of objects and lists", maxDepth)
	}
	switch c.peek() {
	case '{':
		return c.object(depth)
	case '[':
		return c.list(depth)
	case '"':
		s, err := c.quotedText()
		c.out = appendText(c.out, s)
		return err
	}
	n := bytes.IndexAny(c.text, ",]} \t\r\n")
	if n < 0 {
		n = len(c.text)
	}
	literal := string(c.text[:n])
	c.text = c.text[n:]
	return c.literal(literal)
}

// literal appends a number, true, false or null.
func (c *canonicaliser) literal(literal string) error {
	if !strings.ContainsAny(literal, ".eE") || literal == "true" || literal == "false" {
		c.out = append(c.out, literal...)
		return nil
	}
	v, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return fmt.Errorf("the number %.40s is out of range", literal)
	}
	number, err := json.Marshal(v) // in the form of ECMAScript, as RFC 8785
	c.out = append(c.out, number...)
	return err
}

func (c *canonicaliser) list(depth int) error {
	c.accept('[')
	c.out = append(c.out, '[')
	for first := true; !c.accept(']'); first = false {
		if !first {
			c.accept(',')
			c.out = append(c.out, ',')
		}
		if err := c.value(depth + 1); err != nil {
			return err
		}
	}
	c.out = append(c.out, ']')
	return nil
}

func (c *canonicaliser) object(depth int) error {
	type field struct {
		name string
		sort []uint16
		text []byte // the canonical form of the value
	}
	var fields []field
	outer := c.out
	for c.accept('{'); !c.accept('}'); c.accept(',') {
		c.peek()
		name, err := c.quotedText()
		if err != nil {
			return err
		}
		if len(fields) == maxFields {
			return fmt.Errorf("an object has more than %d fields", maxFields)
		}
		c.accept(':')
		c.out = nil
		if err := c.value(depth + 1); err != nil {
			return err
		}
		fields = append(fields, field{name, utf16.Encode([]rune(name)), c.out})
	}
	slices.SortFunc(fields, func(a, b field) int { return slices.Compare(a.sort, b.sort) })
	c.out = append(outer, '{')
	for i, f := range fields {
		if i > 0 {
			if fields[i-1].name == f.name {
				return fmt.Errorf("the field %.80q is there twice", f.name)
			}
			c.out = append(c.out, ',')
		}
		c.out = append(append(appendText(c.out, f.name), ':'), f.text...)
	}
	c.out = append(c.out, '}')
	return nil
}

// quotedText reads a string.
func (c *canonicaliser) quotedText() (string, error) {
	n := 1
	for ; c.text[n] != '"'; n++ {
		if c.text[n] == '\\' {
			n++
		}
	}
	quoted := c.text[:n+1]
	c.text = c.text[n+1:]
	if err := wholePairs(quoted); err != nil {
		return "", err
	}
	var s string
	err := json.Unmarshal(quoted, &s)
	return s, err
}

// wholePairs returns an error if a string has half of a surrogate pair, for which readers put
// different characters.
func wholePairs(quoted []byte) error {
	for i := 0; i < len(quoted); i++ {
		if quoted[i] != '\\' {
			continue
		}
		if i++; quoted[i] != 'u' {
			continue
		}
		unit := func(at int) rune { // the escape at a position, or 0
			if at+6 > len(quoted) || quoted[at] != '\\' || quoted[at+1] != 'u' {
				return 0
			}
			v, _ := strconv.ParseUint(string(quoted[at+2:at+6]), 16, 16)
			return rune(v)
		}
		r := unit(i - 1)
		i += 4
		if !utf16.IsSurrogate(r) {
			continue
		}
		if utf16.DecodeRune(r, unit(i+1)) == utf8.RuneError {
			return fmt.Errorf("the string %.40s has half of a surrogate pair", quoted)
		}
		i += 6
	}
	return nil
}

// appendText appends a string in the form of RFC 8785.
func appendText(out []byte, s string) []byte {
	out = append(out, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r >= ' ':
			out = utf8.AppendRune(out, r)
		default:
			if i := bytes.IndexByte([]byte("\b\t\n\f\r"), byte(r)); i >= 0 {
				out = append(out, '\\', "btnfr"[i])
			} else {
				out = fmt.Appendf(out, `\u%04x`, r)
			}
		}
	}
	return append(out, '"')
}
