package chattemplate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

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
