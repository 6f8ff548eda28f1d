package chattemplate

import (
	"slices"
	"strconv"
	"strings"
)

// tuple reads an expression, or several with commas between them; choices says whether
// "a if b else c" is allowed without parentheses.
func (p *parser) tuple(choices bool) (expression, error) {
	one := p.expression
	if !choices {
		one = p.or
	}
	first, err := one()
	if err != nil || !p.is(",") {
		return first, err
	}
	items := []expression{first}
	for p.accept(",") {
		if k := p.peek(); k.kind == kindClosePrint || k.kind == kindCloseBlock || p.is(")") {
			break
		}
		item, err := one()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return list{items}, nil
}

// expression reads an expression with its choices.
func (p *parser) expression() (expression, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	value, err := p.or()
	for chain := 0; err == nil && p.accept("if"); chain++ {
		if chain > maxNesting {
			return nil, p.errorf("more than %d choices in a chain", maxNesting)
		}
		c := choice{yes: value}
		if c.condition, err = p.or(); err == nil && p.accept("else") {
			c.no, err = p.expression()
		}
		value = c
	}
	return value, err
}

// chain reads operands with one of the operators between them. Operands of one operator are one
// operation.
func (p *parser) chain(operand func() (expression, error), operators ...string) (expression, error) {
	value, err := operand()
	depth := 0
	for err == nil && slices.ContainsFunc(operators, p.is) {
		o := p.next().text
		var right expression
		if right, err = operand(); err != nil {
			break
		}
		if before, ok := value.(operation); ok && depth > 0 && before.operator == o {
			before.operands = append(before.operands, right)
			value = before
			continue
		}
		if depth++; depth > maxNesting {
			return nil, p.errorf("more than %d operators in a chain", maxNesting)
		}
		value = operation{o, []expression{value, right}}
	}
	return value, err
}

func (p *parser) or() (expression, error)  { return p.chain(p.and, "or") }
func (p *parser) and() (expression, error) { return p.chain(p.not, "and") }

func (p *parser) not() (expression, error) {
	if !p.accept("not") {
		return p.comparison()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	value, err := p.not()
	return negation{value}, err
}

// comparison reads a comparison; a < b < c is a < b and b < c.
func (p *parser) comparison() (expression, error) {
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	var all []expression
	for {
		o, negated := "", false
		switch t := p.peek(); {
		case t.kind == kindOperator && slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, t.text):
			o = p.next().text
		case p.accept("in"):
			o = "in"
		case p.is("not") && p.tokens[p.at+1].kind == kindName && p.tokens[p.at+1].text == "in":
			p.next()
			p.next()
			o, negated = "in", true
		}
		if o == "" {
			break
		}
		right, err := p.sum()
		if err != nil {
			return nil, err
		}
		var e expression = operation{o, []expression{left, right}}
		if negated {
			e = negation{e}
		}
		all, left = append(all, e), right
	}
	switch len(all) {
	case 0:
		return left, nil
	case 1:
		return all[0], nil
	}
	return operation{"and", all}, nil
}

func (p *parser) sum() (expression, error)    { return p.chain(p.concat, "+", "-") }
func (p *parser) concat() (expression, error) { return p.chain(p.product, "~") }
func (p *parser) product() (expression, error) {
	return p.chain(p.power, "*", "/", "//", "%")
}

func (p *parser) power() (expression, error) {
	return p.chain(func() (expression, error) { return p.unary(true) }, "**")
}

// unary reads a signed value, or a primary with what follows it. Filters and tests behind a sign
// apply to the signed value.
func (p *parser) unary(filters bool) (value expression, err error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if p.is("-") || p.is("+") {
		sign := p.next().text
		if value, err = p.unary(false); err == nil {
			value = signed{sign, value}
		}
	} else {
		value, err = p.primary()
	}
	if err == nil {
		value, err = p.postfix(value)
	}
	if err == nil && filters {
		value, err = p.filterChain(value)
	}
	return value, err
}

func (p *parser) primary() (expression, error) {
	switch t := p.peek(); t.kind {
	case kindName:
		switch t.text {
		case "true", "True":
			p.next()
			return constant{true}, nil
		case "false", "False":
			p.next()
			return constant{false}, nil
		case "none", "None":
			p.next()
			return constant{nil}, nil
		}
		n, err := p.identifier()
		return name{n}, err
	case kindString:
		var b strings.Builder
		for p.peek().kind == kindString {
			b.WriteString(p.next().text)
		}
		return constant{b.String()}, nil
	case kindInteger:
		p.next()
		n, err := strconv.ParseInt(t.text, 0, 64)
		if trimmed := strings.TrimLeft(t.text, "0"); err != nil && len(t.text) > 1 && t.text[0] == '0' && strings.Trim(trimmed, "0123456789") == "" {
			n, err = strconv.ParseInt("0"+trimmed, 10, 64)
		}
		if err != nil {
			return nil, errorAt(t.line, "the number %.40s is not a 64-bit integer", t.text)
		}
		return constant{n}, nil
	case kindFloat:
		p.next()
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, errorAt(t.line, "the number %.40s is not a float", t.text)
		}
		return constant{f}, nil
	case kindOperator:
		switch t.text {
		case "(":
			return p.parenthesised()
		case "[":
			p.next()
			items, err := p.items("]")
			return list{items}, err
		case "{":
			return p.dict()
		}
	}
	return nil, p.errorf("unexpected %s", p.peek())
}

func (p *parser) parenthesised() (expression, error) {
	p.next()
	if p.accept(")") {
		return list{}, nil
	}
	value, err := p.tuple(true)
	if err != nil {
		return nil, err
	}
	return value, p.expect(")")
}

// items reads expressions up to a closing bracket.
func (p *parser) items(end string) (items []expression, err error) {
	for !p.accept(end) {
		if len(items) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
			if p.accept(end) {
				break
			}
		}
		item, err := p.expression()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

func (p *parser) dict() (expression, error) {
	p.next()
	var d dict
	for !p.accept("}") {
		if len(d.keys) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
			if p.accept("}") {
				break
			}
		}
		key, err := p.expression()
		if err == nil {
			err = p.expect(":")
		}
		if err != nil {
			return nil, err
		}
		value, err := p.expression()
		if err != nil {
			return nil, err
		}
		d.keys, d.values = append(d.keys, key), append(d.values, value)
	}
	return d, nil
}

// postfix reads attributes, items and calls behind a value.
func (p *parser) postfix(value expression) (expression, error) {
	for n := 0; ; n++ {
		if n > maxNesting {
			return nil, p.errorf("more than %d attributes, items and calls in a chain", maxNesting)
		}
		var err error
		switch {
		case p.accept("."):
			value, err = p.attribute(value)
		case p.accept("["):
			value, err = p.subscript(value)
		case p.accept("("):
			value, err = p.call(value)
		default:
			return value, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (p *parser) attribute(object expression) (expression, error) {
	if t := p.peek(); t.kind == kindInteger {
		p.next()
		n, err := strconv.ParseInt(t.text, 10, 64)
		if err != nil {
			return nil, errorAt(t.line, "the item %.40s is not a 64-bit integer", t.text)
		}
		return item{object, constant{n}}, nil
	}
	n, err := p.identifier()
	return attribute{object, n}, err
}

func (p *parser) call(callee expression) (expression, error) {
	args, err := p.arguments()
	return call{callee, args}, err
}

// arguments reads the arguments of a call behind its opening bracket.
func (p *parser) arguments() (a arguments, err error) {
	for first := true; !p.accept(")"); first = false {
		if !first {
			if err := p.expect(","); err != nil {
				return a, err
			}
			if p.accept(")") {
				break
			}
		}
		if p.is("**") || a.star != nil {
			return a, p.errorf("arguments with ** or behind * are not supported")
		}
		if p.accept("*") {
			if a.star, err = p.expression(); err != nil {
				return a, err
			}
			continue
		}
		key := ""
		if next := p.tokens[min(p.at+1, len(p.tokens)-1)]; p.peek().kind == kindName && next.kind == kindOperator && next.text == "=" {
			if key, err = p.identifier(); err != nil {
				return a, err
			}
			p.next()
		}
		value, err := p.expression()
		switch {
		case err != nil:
			return a, err
		case key != "":
			a.named = append(a.named, namedArgument{key, value})
		case len(a.named) > 0:
			return a, p.errorf("an argument without a name follows one with a name")
		default:
			a.values = append(a.values, value)
		}
	}
	return a, nil
}

// subscript reads an item or a slice behind its opening bracket.
func (p *parser) subscript(object expression) (expression, error) {
	var bounds []expression
	colons := 0
	for i := 0; !p.is("]"); i++ {
		if p.accept(":") {
			if colons++; colons > 2 {
				return nil, p.errorf("a slice has at most two colons")
			}
			continue
		}
		for len(bounds) < colons {
			bounds = append(bounds, nil)
		}
		if len(bounds) > colons {
			return nil, p.errorf("want \":\" or \"]\", not %s", p.peek())
		}
		value, err := p.expression()
		if err != nil {
			return nil, err
		}
		bounds = append(bounds, value)
	}
	p.next()
	if colons == 0 {
		if len(bounds) == 0 {
			return nil, p.errorf("an item has no key")
		}
		return item{object, bounds[0]}, nil
	}
	bounds = append(bounds, nil, nil, nil)
	return part{object, bounds[0], bounds[1], bounds[2]}, nil
}

// filterChain reads filters, tests and calls behind a value.
func (p *parser) filterChain(value expression) (expression, error) {
	for n := 0; ; n++ {
		if n > maxNesting {
			return nil, p.errorf("more than %d filters and tests in a chain", maxNesting)
		}
		var err error
		switch {
		case p.accept("|"):
			f := filtered{value: value}
			if f.name, err = p.dotted(); err == nil && p.accept("(") {
				f.arguments, err = p.arguments()
			}
			value = f
		case p.accept("is"):
			value, err = p.test(value)
		case p.accept("("):
			value, err = p.call(value)
		default:
			return value, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (p *parser) dotted() (string, error) {
	n, err := p.identifier()
	for err == nil && p.accept(".") {
		var more string
		more, err = p.identifier()
		n += "." + more
	}
	return n, err
}

// test reads a test behind "is". One argument needs no brackets.
func (p *parser) test(value expression) (expression, error) {
	negated := p.accept("not")
	t := test{value: value}
	var err error
	if t.name, err = p.dotted(); err != nil {
		return nil, err
	}
	switch k := p.peek(); {
	case p.accept("("):
		t.arguments, err = p.arguments()
	case k.kind == kindName && !slices.Contains([]string{"else", "or", "and"}, k.text),
		k.kind == kindString, k.kind == kindInteger, k.kind == kindFloat, p.is("["), p.is("{"):
		if p.is("is") {
			return nil, p.errorf("a test follows a test: use brackets")
		}
		var argument expression
		if argument, err = p.primary(); err == nil {
			argument, err = p.postfix(argument)
		}
		t.values = []expression{argument}
	}
	if err != nil {
		return nil, err
	}
	if negated {
		return negation{t}, nil
	}
	return t, nil
}
