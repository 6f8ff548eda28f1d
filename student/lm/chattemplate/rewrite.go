package chattemplate

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// writer writes a template again, in the part of the language in which nothing is unbounded:
// control flow, assignments, macros, names, constants and lists stay; every operator, filter,
// test, method and output becomes the call of an operation, which has a budget. Variables get the
// prefix "v_", so that they meet neither the operations nor what the library defines.
type writer struct {
	library *library
	b       strings.Builder
	cost    int // bytes that the statements so far write, or stand for
	next    int // number of the next helper variable
	bound   map[string]bool
	used    map[string]bool   // operations
	globals map[string]bool   // functions of the environment
	instead map[string]string // what stands for a variable
	parts   int               // expressions and statements written so far
	err     error
}

// Limits of what a template is rewritten to, far above published ones. The library searches the
// tags before each tag, so its time grows with the square of their number.
const (
	maxParts = 1 << 17
	maxTags  = 10_000
)

// part counts an expression or a statement.
func (w *writer) part() bool {
	if w.parts++; w.parts > maxParts && w.err == nil {
		w.err = fmt.Errorf("%w: more than %d expressions", ErrLimit, maxParts)
	}
	return w.err == nil
}

// rewrite returns the text of a template for the library, and the operations and functions that it
// needs.
func rewrite(body []statement, l *library) (*writer, error) {
	w := &writer{library: l, bound: map[string]bool{}, used: map[string]bool{}, globals: map[string]bool{}, instead: map[string]string{}}
	walk(body, func(s statement) {
		switch s := s.(type) {
		case assignment:
			for _, t := range s.targets {
				w.bound[t.name] = w.bound[t.name] || t.attribute == ""
			}
		case captured:
			if s.target != nil {
				w.bound[s.target.name] = true
			}
		case loop:
			for _, t := range s.targets {
				w.bound[t] = true
			}
		case macro:
			w.bound[s.name] = true
			for _, p := range s.parameters {
				w.bound[p.name] = true
			}
		case callBlock:
			for _, p := range s.parameters {
				w.bound[p.name] = true
			}
		}
	})
	if err := w.statements(body); err != nil {
		return nil, err
	}
	if n := strings.Count(w.b.String(), "{%") + strings.Count(w.b.String(), "{{"); n > maxTags {
		return nil, fmt.Errorf("%w: the template has %d tags, want at most %d", ErrLimit, n, maxTags)
	}
	return w, nil
}

// walk calls visit with each statement, outer ones first.
func walk(body []statement, visit func(statement)) {
	for _, s := range body {
		visit(s)
		switch s := s.(type) {
		case branch:
			for _, b := range s.bodies {
				walk(b, visit)
			}
		case loop:
			walk(s.body, visit)
			walk(s.otherwise, visit)
		case captured:
			walk(s.body, visit)
		case macro:
			walk(s.body, visit)
		case callBlock:
			walk(s.body, visit)
		}
	}
}

// nodeCost is the number of bytes that a statement counts for.
const nodeCost = 32

func (w *writer) statements(body []statement) error {
	for _, s := range body {
		w.cost += nodeCost
		if !w.part() {
			return w.err
		}
		if err := w.statement(s); err != nil {
			return err
		}
	}
	return w.err
}

func (w *writer) print(parts ...string) {
	for _, p := range parts {
		w.b.WriteString(p)
	}
}

func (w *writer) statement(s statement) error {
	switch s := s.(type) {
	case text:
		w.cost += len(s.text)
		w.print("{{", literal(s.text), "}}")
	case output:
		w.print("{{", w.op("out", w.expression(s.value)), "}}")
	case branch:
		return w.branch(s)
	case loop:
		return w.loop(s)
	case assignment:
		w.assign(s)
	case captured:
		return w.captured(s)
	case macro:
		return w.macro(s)
	case callBlock:
		return w.callBlock(s)
	case jump:
		w.print("{%", s.keyword, "%}")
	default:
		return fmt.Errorf("the statement %T is not known", s)
	}
	return nil
}

func (w *writer) branch(s branch) error {
	for i, body := range s.bodies {
		switch c := s.conditions[i]; {
		case c == nil:
			w.print("{%else%}")
		case i == 0:
			w.print("{%if ", w.condition(c), "%}")
		default:
			w.print("{%elif ", w.condition(c), "%}")
		}
		if err := w.statements(body); err != nil {
			return err
		}
	}
	w.print("{%endif%}")
	return nil
}

// loop writes a loop. A variable that its body sets has, in Jinja, the value from before the loop
// at the start of each passage; the library keeps the value of the last passage, so the body sets
// it back.
func (w *writer) loop(s loop) error {
	var kept, restored strings.Builder
	for _, n := range assigned(s.body) {
		if !slices.Contains(s.targets, n) && !setFirst(n, s.body) {
			v := w.helper()
			fmt.Fprintf(&kept, "{%%set %s=v_%s%%}", v, n)
			fmt.Fprintf(&restored, "{%%set v_%s=%s%%}", n, v)
		}
	}
	over, item := w.expression(s.over), "v_"+s.targets[0]
	var unpacked strings.Builder
	before := map[string]string{}
	if len(s.targets) > 1 {
		item = w.helper()
		for i, t := range s.targets {
			part := w.op("item", item, strconv.Itoa(i))
			fmt.Fprintf(&unpacked, "{%%set v_%s=%s%%}", t, part)
			before[t], w.instead[t] = w.instead[t], part
		}
	}
	condition := ""
	if s.condition != nil {
		condition = " if " + w.condition(s.condition)
	}
	for t, old := range before {
		if w.instead[t] = old; old == "" {
			delete(w.instead, t)
		}
	}
	outer, cost := w.b, w.cost
	w.b, w.cost = strings.Builder{}, nodeCost
	err := w.statements(s.body)
	body, passage := w.b.String(), w.cost
	w.b, w.cost = strings.Builder{}, cost
	w.b.WriteString(outer.String())
	w.print(kept.String(), "{%for ", item, " in ", w.op("iter", over, strconv.Itoa(len(s.targets)), strconv.Itoa(passage)), condition, "%}",
		unpacked.String(), restored.String(), body)
	if err == nil && s.otherwise != nil {
		w.print("{%else%}")
		err = w.statements(s.otherwise)
	}
	w.print("{%endfor%}")
	return err
}

// assigned returns the variables that statements set in their own scope, in order.
func assigned(body []statement) []string {
	var names []string
	add := func(n string) {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	for _, s := range body {
		switch s := s.(type) {
		case assignment:
			for _, t := range s.targets {
				if t.attribute == "" {
					add(t.name)
				}
			}
		case captured:
			if s.target != nil && s.target.attribute == "" {
				add(s.target.name)
			}
			for _, n := range assigned(s.body) {
				add(n)
			}
		case branch:
			for _, b := range s.bodies {
				for _, n := range assigned(b) {
					add(n)
				}
			}
		case macro:
			add(s.name)
		}
	}
	return names
}

// setFirst reports whether the first statement with a variable sets it.
func setFirst(n string, body []statement) bool {
	for _, s := range body {
		switch s := s.(type) {
		case assignment:
			if mentions(s.value, n) {
				return false
			}
			if slices.Contains(s.targets, target{name: n}) {
				return true
			}
		case output:
			if mentions(s.value, n) {
				return false
			}
		case text:
		case branch:
			inside := func(b []statement) bool { return slices.Contains(assigned(b), n) || bodyMentions(b, n) }
			if slices.ContainsFunc(s.bodies, inside) || slices.ContainsFunc(s.conditions, func(c expression) bool { return mentions(c, n) }) {
				return false
			}
		default:
			return false
		}
	}
	return false
}

// bodyMentions reports whether statements use a variable.
func bodyMentions(body []statement, n string) bool {
	found := false
	walk(body, func(s statement) {
		switch s := s.(type) {
		case output:
			found = found || mentions(s.value, n)
		case branch:
			for _, c := range s.conditions {
				found = found || mentions(c, n)
			}
		case loop:
			found = found || mentions(s.over, n) || mentions(s.condition, n)
		case assignment:
			found = found || mentions(s.value, n)
		case captured, macro, callBlock:
			found = true // rare: assume it
		}
	})
	return found
}

// mentions reports whether an expression uses a variable. A call of a macro may use all.
func mentions(e expression, n string) bool {
	found := false
	visit(e, func(e expression) {
		switch e := e.(type) {
		case name:
			found = found || e.name == n
		case call:
			_, isName := e.callee.(name)
			found = found || isName && !functionNames[e.callee.(name).name]
		}
	})
	return found
}

// visit calls f with each part of an expression.
func visit(e expression, f func(expression)) {
	if e == nil {
		return
	}
	f(e)
	all := func(parts ...expression) {
		for _, p := range parts {
			visit(p, f)
		}
	}
	args := func(a arguments) {
		all(a.values...)
		all(a.star)
		for _, x := range a.named {
			visit(x.value, f)
		}
	}
	switch e := e.(type) {
	case attribute:
		all(e.object)
	case item:
		all(e.object, e.key)
	case part:
		all(e.object, e.from, e.to, e.step)
	case call:
		all(e.callee)
		args(e.arguments)
	case filtered:
		all(e.value)
		args(e.arguments)
	case test:
		all(e.value)
		args(e.arguments)
	case operation:
		all(e.operands...)
	case negation:
		all(e.value)
	case signed:
		all(e.value)
	case choice:
		all(e.condition, e.yes, e.no)
	case list:
		all(e.items...)
	case dict:
		all(e.keys...)
		all(e.values...)
	}
}

func (w *writer) assign(s assignment) {
	value := w.expression(s.value)
	if len(s.targets) > 1 {
		v := w.helper()
		w.print("{%set ", v, "=", w.op("unpack", value, strconv.Itoa(len(s.targets))), "%}")
		for i, t := range s.targets {
			w.store(t, w.op("item", v, strconv.Itoa(i)))
		}
		return
	}
	w.store(s.targets[0], value)
}

// store writes the assignment of a value that is written already.
func (w *writer) store(t target, value string) {
	if t.attribute != "" {
		w.print("{%set __x=", w.op("setattr", w.expression(name{t.name}), literal(t.attribute), value), "%}")
		return
	}
	w.print("{%set v_", t.name, "=", value, "%}")
}

func (w *writer) captured(s captured) error {
	v := w.helper()
	w.print("{%set ", v, "%}")
	if err := w.statements(s.body); err != nil {
		return err
	}
	w.print("{%endset%}")
	value := v
	for _, f := range s.filters {
		value = w.filter(f, value)
	}
	if s.target == nil {
		w.print("{{", w.op("out", value), "}}")
		return nil
	}
	w.store(*s.target, value)
	return nil
}

// macro writes a macro. The library divides parameters at commas, so defaults are set in the body.
func (w *writer) macro(s macro) error {
	var names []string
	for _, p := range s.parameters {
		names = append(names, "v_"+p.name)
	}
	w.print("{%macro v_", s.name, "(", strings.Join(names, ","), ")%}")
	err := w.callee(s.parameters, s.body)
	w.print("{%endmacro%}")
	return err
}

// callee writes the body of a macro or of a call block.
func (w *writer) callee(parameters []parameter, statements []statement) error {
	outer, cost := w.b, w.cost
	w.b, w.cost = strings.Builder{}, nodeCost
	for _, p := range parameters {
		if p.value != nil {
			w.print("{%if ", w.op("undefined", "v_"+p.name), "%}{%set v_", p.name, "=", w.expression(p.value), "%}{%endif%}")
		}
	}
	err := w.statements(statements)
	body, passage := w.b.String(), w.cost
	w.b, w.cost = strings.Builder{}, cost
	w.b.WriteString(outer.String())
	w.print("{{", w.op("enter", strconv.Itoa(passage)), "}}", body, "{{", w.op("leave"), "}}")
	return err
}

// callBlock writes a call block. The library gives its body to the macro under the name caller.
func (w *writer) callBlock(s callBlock) error {
	var names []string
	for _, p := range s.parameters {
		names = append(names, "v_"+p.name)
	}
	callee, ok := s.call.callee.(name)
	if !ok || s.call.star != nil {
		return errors.New("a call block calls a macro by its name")
	}
	w.print("{%call(", strings.Join(names, ","), ") ", w.op("call", literal(callee.name), w.expression(callee)), "(", strings.Join(w.arguments(s.call.arguments, "v_"), ","), ")%}")
	err := w.callee(s.parameters, s.body)
	w.print("{%endcall%}")
	return err
}

// helper returns the name of a new variable.
func (w *writer) helper() string {
	w.next++
	return "__" + strconv.Itoa(w.next)
}

// op returns the call of an operation.
func (w *writer) op(name string, arguments ...string) string {
	w.used[name] = true
	w.cost += nodeCost
	return "__" + name + "(" + strings.Join(arguments, ",") + ")"
}

// literals writes the escapes that the library knows.
var literals = strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\t", `\t`)

// literal returns a string of the library.
func literal(s string) string { return "'" + literals.Replace(s) + "'" }

// condition returns an expression whose truth alone matters.
func (w *writer) condition(e expression) string {
	if boolean(e) {
		return w.expression(e)
	}
	return w.op("true", w.expression(e))
}

// boolean reports whether the truth of an expression is the same for the library and for Python,
// and says nothing about a content.
func boolean(e expression) bool {
	switch e := e.(type) {
	case constant, test, negation:
		return true
	case operation:
		switch e.operator {
		case "and", "or":
			return boolean(e.operands[len(e.operands)-1])
		case "==", "!=", "<", "<=", ">", ">=", "in":
			return true
		}
	}
	return false
}

func (w *writer) expression(e expression) string {
	if !w.part() {
		return "none"
	}
	switch e := e.(type) {
	case nil:
		return "none"
	case constant:
		return w.constant(e.value)
	case name:
		return w.name(e.name)
	case attribute:
		return w.op("attr", w.expression(e.object), literal(e.name))
	case item:
		return w.op("item", w.expression(e.object), w.expression(e.key))
	case part:
		return w.op("slice", w.expression(e.object), w.expression(e.from), w.expression(e.to), w.expression(e.step))
	case call:
		return w.call(e)
	case filtered:
		return w.filter(e, w.expression(e.value))
	case test:
		if w.library.tests[e.name] == nil {
			return w.op("fail", literal(fmt.Sprintf("No test named %q.", e.name)))
		}
		return w.op("is_"+e.name, append([]string{w.expression(e.value)}, w.arguments(e.arguments, "")...)...)
	case operation:
		return w.operation(e)
	case negation:
		return "(not " + w.condition(e.value) + ")"
	case signed:
		return w.op(map[string]string{"-": "neg", "+": "pos"}[e.sign], w.expression(e.value))
	case choice:
		no := "__undefined_value"
		if e.no != nil {
			no = w.expression(e.no)
		}
		return "(" + w.expression(e.yes) + " if " + w.condition(e.condition) + " else " + no + ")"
	case list:
		w.cost += nodeCost * len(e.items)
		return "[" + strings.Join(w.all(e.items), ",") + "]"
	case dict:
		var pairs []string
		for i := range e.keys {
			pairs = append(pairs, w.expression(e.keys[i]), w.expression(e.values[i]))
		}
		return w.op("dict", pairs...)
	}
	return w.op("fail", literal(fmt.Sprintf("the expression %T is not known", e)))
}

func (w *writer) all(es []expression) []string {
	texts := make([]string, len(es))
	for i, e := range es {
		texts[i] = w.expression(e)
	}
	return texts
}

func (w *writer) constant(v any) string {
	switch v := v.(type) {
	case string:
		return literal(v)
	case int64:
		if v < 0 { // of a hexadecimal number that does not fit
			return w.op("neg", strconv.FormatInt(-v, 10))
		}
		return strconv.FormatInt(v, 10)
	case float64:
		w.used["f_float"] = true
		return "__f_float(" + literal(strconv.FormatFloat(v, 'g', -1, 64)) + ")"
	case bool:
		return strconv.FormatBool(v)
	}
	return "none"
}

func (w *writer) name(n string) string {
	switch {
	case w.instead[n] != "":
		return w.instead[n]
	case n == "loop", n == "caller" && !w.bound[n]:
		return n
	case !w.bound[n] && functionNames[n]:
		w.globals[n] = true
	}
	return "v_" + n
}

// arguments returns the arguments of a call; prefix comes before the names of named ones.
func (w *writer) arguments(a arguments, prefix string) []string {
	texts := w.all(a.values)
	for _, x := range a.named {
		texts = append(texts, prefix+x.name+"="+w.expression(x.value))
	}
	return texts
}

func (w *writer) call(e call) string {
	if e.star != nil {
		if len(e.named) > 0 {
			return w.op("fail", literal("arguments with * and with names are not supported together"))
		}
		return w.op("apply", append(append([]string{w.expression(e.callee)}, w.all(e.values)...), w.expression(e.star))...)
	}
	switch callee := e.callee.(type) {
	case attribute:
		return w.op("method", append([]string{w.expression(callee.object), literal(callee.name)}, w.arguments(e.arguments, "")...)...)
	case name:
		if !w.bound[callee.name] && functionNames[callee.name] {
			return w.global(callee.name, e.arguments)
		}
		return w.op("call", literal(callee.name), w.expression(callee)) + "(" + strings.Join(w.arguments(e.arguments, "v_"), ",") + ")"
	}
	return w.op("call", literal("the expression"), w.expression(e.callee)) + "(" + strings.Join(w.arguments(e.arguments, "v_"), ",") + ")"
}

// global returns the call of a function of the environment. Those with arguments of any name get
// them as pairs, because the library does not keep their order.
func (w *writer) global(n string, a arguments) string {
	if n != "dict" && n != "namespace" {
		w.globals[n] = true
		w.cost += nodeCost
		return "v_" + n + "(" + strings.Join(w.arguments(a, ""), ",") + ")"
	}
	texts := w.all(a.values)
	if len(texts) > 1 {
		return w.op("fail", literal(n+" has more than one argument without a name"))
	}
	for _, x := range a.named {
		texts = append(texts, literal(x.name), w.expression(x.value))
	}
	return w.op(n, texts...)
}

func (w *writer) filter(f filtered, value string) string {
	if w.library.filters[f.name] == nil {
		return w.op("fail", literal(fmt.Sprintf("No filter named %q.", f.name)))
	}
	return w.op("f_"+f.name, append([]string{value}, w.arguments(f.arguments, "")...)...)
}

var operationNames = map[string]string{
	"+": "add", "-": "sub", "*": "mul", "/": "div", "//": "floordiv", "%": "mod", "**": "pow", "~": "concat",
	"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "in": "in",
}

// markup reports whether a value is text of the type Markup.
func markup(e expression) bool {
	f, ok := e.(filtered)
	return ok && (f.name == "safe" || f.name == "escape" || f.name == "e")
}

// sum writes +. Text that is added to Markup is escaped.
func (w *writer) sum(operands []expression) string {
	for i, x := range operands {
		if c, ok := x.(choice); ok && c.no != nil && (markup(c.yes) || markup(c.no)) {
			with := func(x expression) expression {
				changed := slices.Clone(operands)
				changed[i] = x
				return operation{"+", changed}
			}
			return w.expression(choice{c.condition, with(c.yes), with(c.no)})
		}
	}
	texts := w.all(operands)
	if slices.ContainsFunc(operands, markup) {
		for i, x := range operands {
			if !markup(x) {
				texts[i] = w.op("f_escape", texts[i])
			}
		}
	}
	return w.op("add", texts...)
}

func (w *writer) operation(e operation) string {
	if e.operator == "+" {
		return w.sum(e.operands)
	}
	if e.operator != "and" && e.operator != "or" {
		return w.op(operationNames[e.operator], w.all(e.operands)...)
	}
	texts := make([]string, len(e.operands))
	for i, x := range e.operands {
		if texts[i] = w.expression(x); i < len(texts)-1 && !boolean(x) {
			texts[i] = w.op("true", texts[i])
		}
	}
	return "(" + strings.Join(texts, " "+e.operator+" ") + ")"
}
