package filter

import (
	"errors"
	"strings"
)

var errPyString = errors.New("a string does not end")

// text reads a string with its quotes, after its prefix, which is in lower case. depth is the
// number of formatted strings that enclose it.
func (p *pyScanner) text(prefix string, depth int) error {
	if depth > 100 {
		return errors.New("more than 100 nested strings")
	}
	quote := p.code[p.at : p.at+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(p.code[p.at:], triple) {
		quote = triple
	}
	p.at += len(quote)
	formatted := strings.Contains(prefix, "f")
	for p.at < len(p.code) {
		rest := p.code[p.at:]
		switch c := rest[0]; {
		case strings.HasPrefix(rest, quote):
			p.at += len(quote)
			return nil
		case c == '\\':
			p.at++
			// A brace after a backslash opens a field, except in \N{NAME}.
			if name := p.code[p.at:]; formatted && !strings.Contains(prefix, "r") && strings.HasPrefix(name, "N{") {
				p.at += 2
			} else if !formatted || p.at < len(p.code) && p.code[p.at] != '{' && p.code[p.at] != '}' {
				p.at++
			}
		case c == '\n' && len(quote) == 1:
			return errPyString
		case formatted && (strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "}}")):
			p.at += 2
		case formatted && c == '{':
			if err := p.field(quote, depth); err != nil {
				return err
			}
		default:
			p.at++
		}
	}
	return errPyString
}

// field reads a replacement field of a formatted string, {value!r:format}. Since Python 3.12 a
// string in the value may have the same quotes as the enclosing string.
func (p *pyScanner) field(quote string, depth int) error {
	if depth > 100 {
		return errors.New("more than 100 nested fields")
	}
	var open []byte
	for p.at++; p.at < len(p.code); {
		c := p.code[p.at]
		switch {
		case c == '"' || c == '\'':
			if err := p.text(p.prefix(), depth+1); err != nil {
				return err
			}
			continue
		case c == '#':
			p.comment()
			continue
		case strings.IndexByte("([{", c) >= 0:
			if open = append(open, c); len(open) > 200 {
				return errors.New("more than 200 nested brackets")
			}
		case c == '}' && len(open) == 0:
			p.at++
			return nil
		case strings.IndexByte(")]}", c) >= 0:
			if len(open) == 0 || !pairs(open[len(open)-1], c) {
				return errors.New("a bracket closes nothing in a formatted string")
			}
			open = open[:len(open)-1]
		case c == ':' && len(open) == 0:
			return p.format(quote, depth)
		}
		p.at++
	}
	return errPyString
}

// prefix returns the prefix of a string before its quote.
func (p *pyScanner) prefix() string {
	start := p.at
	for start > 0 && p.at-start < 2 && pyPrefix[strings.ToLower(p.code[start-1:p.at])] {
		start--
	}
	return strings.ToLower(p.code[start:p.at])
}

// format reads from the colon of a field to the end of the field. There, quotes are ordinary
// characters, except those that end the string.
func (p *pyScanner) format(quote string, depth int) error {
	for p.at++; p.at < len(p.code); {
		switch rest := p.code[p.at:]; {
		case strings.HasPrefix(rest, quote), len(quote) == 1 && rest[0] == '\n':
			return errPyString
		case rest[0] == '{':
			if err := p.field(quote, depth+1); err != nil {
				return err
			}
		case rest[0] == '}':
			p.at++
			return nil
		default:
			p.at++
		}
	}
	return errPyString
}
