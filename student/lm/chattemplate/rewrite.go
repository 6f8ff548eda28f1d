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
