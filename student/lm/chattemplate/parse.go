package chattemplate

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of a template, far above published ones. The largest of 1,006 published templates has
// 45,602 bytes.
const (
	maxSource  = 256 << 10 // bytes
	maxNesting = 100       // brackets, operators and blocks within each other
)

// errorAt returns an error at a line of the template.
func errorAt(line int, format string, args ...any) error {
	return fmt.Errorf("line %d: %s", line, fmt.Sprintf(format, args...))
}

// parser reads the statements of a template. Source: jinja2/parser.py, version 3.1.
type parser struct {
	tokens []token
	at     int
	depth  int
	loops  int // around the current statement, within the macro
}

// parse returns the statements of a template.
func parse(source string) ([]statement, error) {
	if len(source) > maxSource {
		return nil, fmt.Errorf("the template has %d bytes, want at most %d", len(source), maxSource)
	}
	tokens, err := lex(source)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	body, err := p.statements()
	if err == nil && p.peek().kind != kindEnd {
		err = p.errorf("unexpected %q", p.peek().text)
	}
	return body, err
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != kindEnd {
		p.at++
	}
	return t
}

// is reports whether the next token is a name or an operator with this text.
func (p *parser) is(text string) bool {
	t := p.peek()
	return (t.kind == kindName || t.kind == kindOperator) && t.text == text
}

// accept skips the next token if it has this text.
func (p *parser) accept(text string) bool {
	if p.is(text) {
		p.next()
		return true
	}
	return false
}

func (p *parser) expect(text string) error {
	if !p.accept(text) {
		return p.errorf("want %q, not %s", text, p.peek())
	}
	return nil
}

// identifier reads a name.
func (p *parser) identifier() (string, error) {
	t := p.next()
	if t.kind != kindName {
		return "", errorAt(t.line, "want a name, not %s", t)
	}
	return t.text, nil
}

func (p *parser) errorf(format string, args ...any) error {
	return errorAt(p.peek().line, format, args...)
}

func (t token) String() string {
	switch t.kind {
	case kindEnd:
		return "the end of the template"
	case kindClosePrint, kindCloseBlock:
		return "the end of the tag"
	}
	return fmt.Sprintf("%.40q", t.text)
}

// enter counts a level of nesting; the caller calls leave.
func (p *parser) enter() error {
	if p.depth++; p.depth > 8*maxNesting {
		return p.errorf("more than %d expressions and blocks within each other", 8*maxNesting)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// statements reads statements up to a block tag with one of the names, whose opening and name it
// skips; without names, up to the end.
func (p *parser) statements(ends ...string) (body []statement, err error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	for {
		switch t := p.next(); t.kind {
		case kindText:
			body = append(body, text{t.text})
		case kindOpenPrint:
			value, err := p.tuple(true)
			if err != nil {
				return nil, err
			}
			if p.peek().kind != kindClosePrint {
				return nil, p.errorf("unexpected %s", p.peek())
			}
			p.next()
			body = append(body, output{value, t.line})
		case kindOpenBlock:
			if k := p.peek(); k.kind == kindName && slices.Contains(ends, k.text) {
				return body, nil
			}
			more, err := p.block()
			if err != nil {
				return nil, err
			}
			body = append(body, more...)
		default:
			if len(ends) > 0 {
				return nil, errorAt(t.line, "want {%% %s %%}, not %s", strings.Join(ends, " %}, {% "), t)
			}
			return body, nil
		}
	}
}

// close reads the end of a block tag.
func (p *parser) close() error {
	if p.peek().kind != kindCloseBlock {
		return p.errorf("unexpected %s", p.peek())
	}
	p.next()
	return nil
}

// block reads a statement behind its opening.
func (p *parser) block() ([]statement, error) {
	t := p.next()
	one := func(s statement, err error) ([]statement, error) { return []statement{s}, err }
	switch t.text {
	case "if":
		return one(p.branch())
	case "for":
		return one(p.loop())
	case "set":
		return one(p.set())
	case "macro":
		return one(p.macro())
	case "filter":
		return one(p.filterBlock())
	case "call":
		return one(p.callBlock())
	case "generation":
		return p.body("endgeneration")
	case "break", "continue":
		if p.loops == 0 {
			return nil, errorAt(t.line, "%s outside of a loop", t.text)
		}
		return one(jump{t.text}, p.close())
	}
	return nil, errorAt(t.line, "the statement %s is not supported", t)
}

// body reads the end of the current tag, statements, and the closing tag.
func (p *parser) body(end string) ([]statement, error) {
	if err := p.close(); err != nil {
		return nil, err
	}
	body, err := p.statements(end)
	if err != nil {
		return nil, err
	}
	p.next()
	return body, p.close()
}

func (p *parser) branch() (statement, error) {
	var b branch
	for {
		condition, err := p.tuple(false)
		if err != nil {
			return nil, err
		}
		if err := p.close(); err != nil {
			return nil, err
		}
		body, err := p.statements("elif", "else", "endif")
		if err != nil {
			return nil, err
		}
		b.conditions, b.bodies = append(b.conditions, condition), append(b.bodies, body)
		switch p.next().text {
		case "elif":
			continue
		case "else":
			body, err := p.body("endif")
			b.conditions, b.bodies = append(b.conditions, nil), append(b.bodies, body)
			return b, err
		}
		return b, p.close()
	}
}

func (p *parser) loop() (statement, error) {
	var l loop
	paren := p.accept("(")
	for {
		n, err := p.identifier()
		if err != nil {
			return nil, err
		}
		if n == "loop" {
			return nil, p.errorf("the variable of a loop cannot be called loop")
		}
		l.targets = append(l.targets, n)
		if !p.accept(",") {
			break
		}
	}
	if paren {
		if err := p.expect(")"); err != nil {
			return nil, err
		}
	}
	if err := p.expect("in"); err != nil {
		return nil, err
	}
	var err error
	if l.over, err = p.tuple(false); err != nil {
		return nil, err
	}
	if p.accept("if") {
		if l.condition, err = p.expression(); err != nil {
			return nil, err
		}
	}
	if p.is("recursive") {
		return nil, p.errorf("recursive loops are not supported")
	}
	if err := p.close(); err != nil {
		return nil, err
	}
	p.loops++
	l.body, err = p.statements("else", "endfor")
	p.loops--
	if err != nil {
		return nil, err
	}
	if p.next().text == "else" {
		l.otherwise, err = p.body("endfor")
		return l, err
	}
	return l, p.close()
}

// target reads what a statement assigns to.
func (p *parser) target() (t target, err error) {
	if t.name, err = p.identifier(); err == nil && p.accept(".") {
		t.attribute, err = p.identifier()
	}
	if err == nil && t.attribute == "" && t.name == "loop" {
		err = p.errorf("the variable loop cannot be set")
	}
	return t, err
}

func (p *parser) set() (statement, error) {
	var targets []target
	paren := p.accept("(")
	for {
		t, err := p.target()
		if err != nil {
			return nil, err
		}
		if targets = append(targets, t); !p.accept(",") {
			break
		}
	}
	if paren {
		if err := p.expect(")"); err != nil {
			return nil, err
		}
	}
	if p.accept("=") {
		value, err := p.tuple(true)
		if err != nil {
			return nil, err
		}
		return assignment{targets, value}, p.close()
	}
	if len(targets) != 1 {
		return nil, p.errorf("a block sets one variable")
	}
	c := captured{target: &targets[0]}
	var err error
	if p.accept("|") {
		if c.filters, err = p.filters(); err != nil {
			return nil, err
		}
	}
	c.body, err = p.body("endset")
	return c, err
}

func (p *parser) filterBlock() (statement, error) {
	filters, err := p.filters()
	if err != nil {
		return nil, err
	}
	body, err := p.body("endfilter")
	return captured{filters: filters, body: body}, err
}

// filters reads filters without a value, separated by bars.
func (p *parser) filters() (all []filtered, err error) {
	for {
		f := filtered{}
		if f.name, err = p.identifier(); err != nil {
			return nil, err
		}
		if p.accept("(") {
			if f.arguments, err = p.arguments(); err != nil {
				return nil, err
			}
		}
		if all = append(all, f); !p.accept("|") {
			return all, nil
		}
	}
}

func (p *parser) macro() (statement, error) {
	var m macro
	var err error
	if m.name, err = p.identifier(); err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	if m.parameters, err = p.parameters(); err != nil {
		return nil, err
	}
	loops := p.loops
	p.loops = 0
	m.body, err = p.body("endmacro")
	p.loops = loops
	return m, err
}

// parameters reads the parameters of a macro behind their opening bracket.
func (p *parser) parameters() (all []parameter, err error) {
	for !p.accept(")") {
		if len(all) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		var q parameter
		if q.name, err = p.identifier(); err != nil {
			return nil, err
		}
		if p.accept("=") {
			if q.value, err = p.expression(); err != nil {
				return nil, err
			}
		}
		all = append(all, q)
	}
	return all, nil
}

// callBlock reads the call of a macro that may call the block.
func (p *parser) callBlock() (statement, error) {
	var b callBlock
	var err error
	if p.accept("(") {
		if b.parameters, err = p.parameters(); err != nil {
			return nil, err
		}
	}
	value, err := p.expression()
	if err != nil {
		return nil, err
	}
	var ok bool
	if b.call, ok = value.(call); !ok {
		return nil, p.errorf("a call block calls a macro")
	}
	loops := p.loops
	p.loops = 0
	b.body, err = p.body("endcall")
	p.loops = loops
	return b, err
}
