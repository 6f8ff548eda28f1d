package chattemplate

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is the kind of a token.
type kind int

const (
	kindText       kind = iota // text between tags
	kindOpenPrint              // {{
	kindClosePrint             // }}
	kindOpenBlock              // {%
	kindCloseBlock             // %}
	kindName                   //
	kindString                 // a literal, unescaped
	kindInteger                //
	kindFloat                  //
	kindOperator               //
	kindEnd                    // of the template
)

// token is a token of a template.
type token struct {
	kind kind
	text string
	line int
}

// lexer divides a template into tokens as Jinja does with trim_blocks and lstrip_blocks, the
// settings of transformers. Source: jinja2/lexer.py, version 3.1.
type lexer struct {
	source      string
	at          int
	line        int
	lineStarted bool // the last token ended with a line feed, or there is none
	tokens      []token
}

// lex returns the tokens of a template. Its line ends become line feeds; one line feed at the end
// of the template is dropped.
func lex(source string) ([]token, error) {
	source = strings.ReplaceAll(strings.ReplaceAll(source, "\r\n", "\n"), "\r", "\n")
	l := &lexer{source: strings.TrimSuffix(source, "\n"), line: 1, lineStarted: true}
	for l.at < len(l.source) {
		if err := l.next(); err != nil {
			return nil, err
		}
	}
	l.add(kindEnd, "")
	return l.tokens, nil
}

func (l *lexer) add(k kind, text string) { l.tokens = append(l.tokens, token{k, text, l.line}) }

// skip moves behind the next n bytes.
func (l *lexer) skip(n int) {
	passed := l.source[l.at : l.at+n]
	l.line += strings.Count(passed, "\n")
	if n > 0 {
		l.lineStarted = strings.HasSuffix(passed, "\n")
	}
	l.at += n
}

func (l *lexer) rest() string { return l.source[l.at:] }

// next reads the text up to a tag, and the tag.
func (l *lexer) next() error {
	rest := l.rest()
	open := -1
	for i := 0; i+1 < len(rest); i++ {
		if rest[i] == '{' && (rest[i+1] == '{' || rest[i+1] == '%' || rest[i+1] == '#') {
			open = i
			break
		}
	}
	if open < 0 {
		l.add(kindText, rest)
		l.skip(len(rest))
		return nil
	}
	sign := byte(0)
	if open+2 < len(rest) && (rest[open+2] == '-' || rest[open+2] == '+') {
		sign = rest[open+2]
	}
	if text := l.strip(rest[:open], sign, rest[open+1] != '{'); text != "" {
		l.add(kindText, text)
	}
	width := 2
	if sign != 0 {
		width = 3
	}
	l.skip(open)
	switch rest[open+1] {
	case '#':
		return l.comment(width)
	case '%':
		if n := rawOpening(l.rest()); n > 0 {
			return l.raw(n)
		}
		l.add(kindOpenBlock, "")
		l.skip(width)
		return l.inside(kindCloseBlock, "%}")
	}
	l.add(kindOpenPrint, "")
	l.skip(width)
	return l.inside(kindClosePrint, "}}")
}

// strip removes the white space at the end of a text that the tag after it does not want: all of it
// for the sign '-', and the indentation of a tag that is not printed and begins its line.
func (l *lexer) strip(text string, sign byte, silent bool) string {
	switch {
	case sign == '-':
		return strings.TrimRightFunc(text, isSpace)
	case sign == '+' || !silent:
		return text
	}
	line := strings.LastIndexByte(text, '\n') + 1
	if (line > 0 || l.lineStarted) && strings.TrimLeftFunc(text[line:], isSpace) == "" {
		return text[:line]
	}
	return text
}

// comment skips a comment and, as trim_blocks does, one line feed behind it.
func (l *lexer) comment(width int) error {
	end := strings.Index(l.rest()[2:], "#}")
	if end < 0 {
		return l.errorf("the comment has no end")
	}
	end += 2
	sign := byte(0)
	if end-1 >= width {
		sign = l.rest()[end-1]
	}
	l.skip(end + 2)
	l.closed(sign)
	return nil
}

// closed skips what a tag that ended with the sign takes of the text behind it.
func (l *lexer) closed(sign byte) {
	switch rest := l.rest(); {
	case sign == '-':
		l.skip(len(rest) - len(strings.TrimLeftFunc(rest, isSpace)))
	case sign != '+' && strings.HasPrefix(rest, "\n"):
		l.skip(1)
	}
}

// rawOpening returns the length of a raw tag at the start of s, or 0.
func rawOpening(s string) int {
	rest := strings.TrimLeft(s[2:], "-+")
	if len(s)-2-len(rest) > 1 {
		return 0
	}
	rest, ok := strings.CutPrefix(strings.TrimLeftFunc(rest, isSpace), "raw")
	if !ok {
		return 0
	}
	rest = strings.TrimLeftFunc(rest, isSpace)
	if after, ok := strings.CutPrefix(rest, "-%}"); ok {
		return len(s) - len(strings.TrimLeftFunc(after, isSpace))
	}
	if after, ok := strings.CutPrefix(rest, "%}"); ok {
		return len(s) - len(after)
	}
	return 0
}

// raw reads the text of a raw block, whose opening tag has n bytes.
func (l *lexer) raw(n int) error {
	l.skip(n)
	rest := l.rest()
	for at := 0; ; at++ {
		i := strings.Index(rest[at:], "{%")
		if i < 0 {
			return l.errorf("the raw block has no end")
		}
		at += i
		inner := rest[at+2:]
		sign := byte(0)
		if inner != "" && (inner[0] == '-' || inner[0] == '+') {
			sign, inner = inner[0], inner[1:]
		}
		inner, ok := strings.CutPrefix(strings.TrimLeftFunc(inner, isSpace), "endraw")
		if !ok {
			continue
		}
		inner = strings.TrimLeftFunc(inner, isSpace)
		closing := byte(0)
		if inner != "" && (inner[0] == '-' || inner[0] == '+') {
			closing, inner = inner[0], inner[1:]
		}
		if inner, ok = strings.CutPrefix(inner, "%}"); !ok {
			continue
		}
		if text := l.strip(rest[:at], sign, true); text != "" {
			l.add(kindText, text)
		}
		l.skip(len(rest) - len(inner))
		l.closed(closing)
		return nil
	}
}

// operators, the longer ones first.
var operators = []string{
	"**", "//", "==", "!=", "<=", ">=",
	"+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ":", "|", ",", "(", ")", "[", "]", "{", "}",
}

// inside reads the tokens of a tag up to its end.
func (l *lexer) inside(closing kind, end string) error {
	var open []byte // brackets
	for l.at < len(l.source) {
		rest := l.rest()
		if len(open) == 0 {
			if sign, ok := closes(rest, end); ok {
				l.add(closing, "")
				if sign != 0 {
					l.skip(1)
				}
				l.skip(len(end))
				if closing == kindCloseBlock || sign == '-' {
					l.closed(sign)
				}
				return nil
			}
		}
		switch r, size := utf8.DecodeRuneInString(rest); {
		case isSpace(r):
			l.skip(size)
		case rest[0] == '\'' || rest[0] == '"':
			if err := l.literal(rest[0]); err != nil {
				return err
			}
		case '0' <= rest[0] && rest[0] <= '9':
			l.number()
		case r == '_' || unicode.IsLetter(r):
			n := len(rest) - len(strings.TrimLeftFunc(rest, func(r rune) bool { return r == '_' || unicode.In(r, unicode.L, unicode.Nd, unicode.Mn, unicode.Mc) }))
			l.add(kindName, rest[:n])
			l.skip(n)
		default:
			if err := l.operator(&open); err != nil {
				return err
			}
		}
	}
	return l.errorf("a tag has no end %s", end)
}

// closes reports whether a tag ends at the start of s, and the sign before its end.
func closes(s, end string) (sign byte, ok bool) {
	switch {
	case strings.HasPrefix(s, end):
		return 0, true
	case s[0] == '-' && strings.HasPrefix(s[1:], end), s[0] == '+' && end == "%}" && strings.HasPrefix(s[1:], end):
		return s[0], true
	}
	return 0, false
}

func (l *lexer) operator(open *[]byte) error {
	rest := l.rest()
	for _, o := range operators {
		if !strings.HasPrefix(rest, o) {
			continue
		}
		switch o {
		case "(", "[", "{":
			if len(*open) == maxNesting {
				return l.errorf("more than %d brackets within each other", maxNesting)
			}
			*open = append(*open, o[0])
		case ")", "]", "}":
			pairs := map[string]byte{")": '(', "]": '[', "}": '{'}
			if n := len(*open); n == 0 || (*open)[n-1] != pairs[o] {
				return l.errorf("unexpected %q", o)
			}
			*open = (*open)[:len(*open)-1]
		}
		l.add(kindOperator, o)
		l.skip(len(o))
		return nil
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return l.errorf("unexpected character %q", r)
}

// number reads an integer or a float.
func (l *lexer) number() {
	rest := l.rest()
	digits := func(i int) int {
		for i < len(rest) && (rest[i] >= '0' && rest[i] <= '9' || rest[i] == '_' && i+1 < len(rest) && rest[i+1] >= '0' && rest[i+1] <= '9') {
			i++
		}
		return i
	}
	n, k := digits(0), kindInteger
	if rest[0] == '0' && len(rest) > 1 && strings.ContainsRune("xXoObB", rune(rest[1])) {
		n = 2
		for n < len(rest) && (rest[n] == '_' || strings.IndexByte("0123456789abcdefABCDEF", rest[n]) >= 0) {
			n++
		}
	} else {
		if n+1 < len(rest) && rest[n] == '.' && rest[n+1] >= '0' && rest[n+1] <= '9' {
			n, k = digits(n+1), kindFloat
		}
		if n < len(rest) && (rest[n] == 'e' || rest[n] == 'E') {
			i := n + 1
			if i < len(rest) && (rest[i] == '+' || rest[i] == '-') {
				i++
			}
			if i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
				n, k = digits(i), kindFloat
			}
		}
	}
	l.add(k, strings.ReplaceAll(rest[:n], "_", ""))
	l.skip(n)
}

func (l *lexer) errorf(format string, args ...any) error { return errorAt(l.line, format, args...) }
