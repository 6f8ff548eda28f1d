package filter

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkPython returns an error if the tokens of code show that it is not Python 3. It is not a
// parser: it accepts more than Python does, and is meant to reject nothing that Python 3.12
// accepts. It requires:
//
//   - UTF-8, and only characters that Python uses outside of strings and comments;
//   - strings that end, and brackets that match, at most 200 of them nested;
//   - indentation that becomes deeper exactly after a final colon, returns to an earlier depth, and
//     does not depend on the width of a tab;
//   - no two adjacent operands, which prose has in every line;
//   - no line that starts or ends with an operator that Python does not allow there;
//   - a colon in every line that starts with if, for, def and similar keywords.
//
// Source: The Python Language Reference 3.12, chapter 2, "Lexical analysis".
func checkPython(code string) error {
	if !utf8.ValidString(code) {
		return errors.New("the text is not UTF-8")
	}
	code = strings.TrimPrefix(code, "\ufeff")
	code = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(code)
	p := &pyScanner{code: code, indents: []pyIndent{{}}}
	for p.at < len(code) {
		if err := p.line(); err != nil {
			return fmt.Errorf("line %d: %w", 1+strings.Count(code[:min(p.at, len(code))], "\n"), err)
		}
	}
	if p.wantBlock {
		return errors.New("the text ends before an indented block")
	}
	return nil
}

// pyIndent is the width of an indentation with tab stops at every 8th and at every column. Python
// rejects two lines that compare differently by the two widths.
type pyIndent struct{ wide, narrow int }

type pyScanner struct {
	code      string
	at        int
	indents   []pyIndent // of the open blocks; the first is 0
	wantBlock bool       // the previous line ended with a colon
}

// pyLine is the part of a logical line that has been read.
type pyLine struct {
	open    []byte // open brackets
	first   string // first word
	tokens  int    // number of tokens
	operand byte   // kind of the last token: 'w' for a word, 's' for a string, 0 for others
	last    byte   // first byte of the last token
	colon   bool   // there is a colon outside of brackets
}

// line reads a logical line, or lines without a token.
func (p *pyScanner) line() error {
	indent := p.indentation()
	if p.at == len(p.code) || p.code[p.at] == '#' || p.code[p.at] == '\n' {
		p.comment()
		p.at++
		return nil
	}
	if err := p.indent(indent); err != nil {
		return err
	}
	var l pyLine
	for p.at < len(p.code) {
		c := p.code[p.at]
		switch {
		case c == '#':
			p.comment()
		case c == '\n' && len(l.open) == 0:
			p.at++
			return p.end(&l)
		case c == ' ', c == '\t', c == '\f', c == '\n':
			p.at++
		case c == '\\':
			if p.at+1 >= len(p.code) || p.code[p.at+1] != '\n' {
				return errors.New("a backslash is not the last character of its line")
			}
			p.at += 2
		default:
			if err := p.token(&l); err != nil {
				return err
			}
		}
	}
	return p.end(&l)
}

// indentation reads the white space at the start of a line.
func (p *pyScanner) indentation() (w pyIndent) {
	for ; p.at < len(p.code); p.at++ {
		switch p.code[p.at] {
		case ' ':
			w.wide, w.narrow = w.wide+1, w.narrow+1
		case '\t':
			w.wide, w.narrow = w.wide/8*8+8, w.narrow+1
		case '\f':
			w = pyIndent{}
		default:
			return w
		}
	}
	return w
}

func (p *pyScanner) comment() {
	for p.at < len(p.code) && p.code[p.at] != '\n' {
		p.at++
	}
}

// indent opens or closes blocks for a line with this indentation.
func (p *pyScanner) indent(w pyIndent) error {
	top := p.indents[len(p.indents)-1]
	deeper := w.wide > top.wide
	if deeper != (w.narrow > top.narrow) || (w.wide < top.wide) != (w.narrow < top.narrow) {
		return errors.New("tabs and spaces are mixed")
	}
	if deeper != p.wantBlock {
		return errors.New("the indentation does not match the previous line")
	}
	p.wantBlock = false
	if deeper {
		if len(p.indents) > 100 {
			return errors.New("more than 100 nested blocks")
		}
		p.indents = append(p.indents, w)
		return nil
	}
	i := slices.Index(p.indents, w)
	if i < 0 {
		return errors.New("the indentation returns to a depth that no open block has")
	}
	p.indents = p.indents[:i+1]
	return nil
}

// end checks a complete logical line.
func (p *pyScanner) end(l *pyLine) error {
	if len(l.open) > 0 {
		return fmt.Errorf("%q is not closed", l.open[len(l.open)-1])
	}
	if strings.IndexByte("+-/%&|^~<>=@!", l.last) >= 0 {
		return fmt.Errorf("a line ends with %q", l.last)
	}
	if pyOpensBlock[l.first] && !l.colon {
		return fmt.Errorf("no colon in a line that starts with %q", l.first)
	}
	p.wantBlock = l.last == ':'
	return nil
}

// token reads a token that is neither white space nor a comment.
func (p *pyScanner) token(l *pyLine) error {
	c := p.code[p.at]
	if l.tokens++; l.tokens == 1 && strings.IndexByte("></=%&|^,;:!)]}", c) >= 0 {
		return fmt.Errorf("a line starts with %q", c)
	}
	kind := byte(0)
	switch r, _ := utf8.DecodeRuneInString(p.code[p.at:]); {
	case isDecimal(c), c == '.' && p.at+1 < len(p.code) && isDecimal(p.code[p.at+1]):
		p.number()
		kind = 'w'
	case c == '"', c == '\'':
		if err := p.text("", 0); err != nil {
			return err
		}
		kind = 's'
	case isPyName(r):
		word := p.word()
		switch {
		case p.at < len(p.code) && (p.code[p.at] == '"' || p.code[p.at] == '\'') && pyPrefix[strings.ToLower(word)]:
			if err := p.text(strings.ToLower(word), 0); err != nil {
				return err
			}
			kind = 's'
		case !pyKeyword[word] && !(l.tokens == 1 && (word == "match" || word == "case" || word == "type")):
			kind = 'w'
		}
		if l.tokens == 1 {
			l.first = word
		}
	default:
		return p.operator(l, c)
	}
	if kind != 0 && (l.operand == 'w' || l.operand == 's' && kind != 's') {
		return errors.New("two operands are adjacent")
	}
	l.operand, l.last = kind, c
	return nil
}

// operator reads one character of an operator, a bracket, or a delimiter.
func (p *pyScanner) operator(l *pyLine, c byte) error {
	p.at++
	l.operand, l.last = 0, c
	switch {
	case strings.IndexByte("([{", c) >= 0:
		if l.open = append(l.open, c); len(l.open) > 200 {
			return errors.New("more than 200 nested brackets")
		}
	case strings.IndexByte(")]}", c) >= 0:
		if len(l.open) == 0 || !pairs(l.open[len(l.open)-1], c) {
			return fmt.Errorf("%q closes nothing", c)
		}
		l.open = l.open[:len(l.open)-1]
		l.operand = 'w'
	case c == ':':
		l.colon = l.colon || len(l.open) == 0
	case c == '!' && (p.at >= len(p.code) || p.code[p.at] != '='), strings.IndexByte("+-*/%@&|^~<>=.,;!", c) < 0:
		return fmt.Errorf("character %q", c)
	}
	return nil
}

func pairs(open, end byte) bool {
	return strings.IndexByte("([{", open) == strings.IndexByte(")]}", end)
}

// number reads a number. The characters after it start another token.
func (p *pyScanner) number() {
	rest := p.code[p.at:]
	if len(rest) > 1 && rest[0] == '0' && strings.IndexByte("xXoObB", rest[1]) >= 0 {
		p.at += 2
		p.skip("0123456789abcdefABCDEF_")
		return
	}
	p.skip("0123456789_")
	if p.at < len(p.code) && p.code[p.at] == '.' {
		p.at++
		p.skip("0123456789_")
	}
	if rest = p.code[p.at:]; len(rest) > 1 && (rest[0] == 'e' || rest[0] == 'E') {
		if signed := strings.TrimLeft(rest[1:], "+-"); len(rest)-len(signed) <= 2 && signed != "" && isDecimal(signed[0]) {
			p.at += len(rest) - len(signed)
			p.skip("0123456789_")
		}
	}
	if p.at < len(p.code) && (p.code[p.at] == 'j' || p.code[p.at] == 'J') {
		p.at++
	}
}

// skip moves past the characters of a set.
func (p *pyScanner) skip(set string) {
	for p.at < len(p.code) && strings.IndexByte(set, p.code[p.at]) >= 0 {
		p.at++
	}
}

// word reads a name or a keyword.
func (p *pyScanner) word() string {
	start := p.at
	for p.at < len(p.code) {
		r, size := utf8.DecodeRuneInString(p.code[p.at:])
		if !isPyName(r) {
			break
		}
		p.at += size
	}
	return p.code[start:p.at]
}

func isDecimal(c byte) bool { return '0' <= c && c <= '9' }

// isPyName reports whether r may be part of a name, by the property ID_Continue of Unicode.
func isPyName(r rune) bool {
	return unicode.In(r, unicode.Letter, unicode.Nl, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Start, unicode.Other_ID_Continue)
}

var (
	pyKeyword    = setOf("False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield")
	pyOpensBlock = setOf("if elif else for while try except finally with def class")
	pyPrefix     = setOf("r u b br rb f fr rf")
)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}
