package chattemplate

import (
	"slices"

	"github.com/ardanlabs/jinja"
)

// values are the arguments of an operation.
type values struct {
	list  []jinja.Value
	named map[string]jinja.Value
}

// get returns argument i, or the named one, or undefined.
func (v values) get(i int, name string) (jinja.Value, bool) {
	if i >= 0 && i < len(v.list) {
		return v.list[i], true
	}
	x, ok := v.named[name]
	return x, ok
}

// operator is what a template does with values. It computes only if nothing has failed before.
type operator func(r *run, v values) jinja.Value

// operations returns what a rewritten template calls instead of operators and outputs.
func operations() map[string]operator {
	return map[string]operator{
		"out": func(r *run, v values) jinja.Value { return r.text(r.show(v.list[0])) },
		"true": func(r *run, v values) jinja.Value {
			if t := r.truth(v.list[0]); t != v.list[0].IsTruthy() {
				return jinja.NewBool(t)
			}
			return v.list[0]
		},
		"attr":  func(r *run, v values) jinja.Value { return r.attribute(v.list[0], v.list[1].AsString()) },
		"item":  func(r *run, v values) jinja.Value { return r.item(v.list[0], v.list[1]) },
		"slice": (*run).slice,
		"call":  (*run).callable,
		"apply": (*run).apply,
		"method": func(r *run, v values) jinja.Value {
			return r.method(v.list[0], v.list[1].AsString(), values{v.list[2:], v.named})
		},
		"add":      func(r *run, v values) jinja.Value { return r.fold(v.list, (*run).add) },
		"sub":      func(r *run, v values) jinja.Value { return r.fold(v.list, arithmetic("-")) },
		"mul":      func(r *run, v values) jinja.Value { return r.fold(v.list, (*run).multiply) },
		"div":      func(r *run, v values) jinja.Value { return r.fold(v.list, arithmetic("/")) },
		"floordiv": func(r *run, v values) jinja.Value { return r.fold(v.list, arithmetic("//")) },
		"mod":      func(r *run, v values) jinja.Value { return r.fold(v.list, (*run).modulo) },
		"pow":      func(r *run, v values) jinja.Value { return r.fold(v.list, arithmetic("**")) },
		"concat":   (*run).concat,
		"eq":       func(r *run, v values) jinja.Value { return jinja.NewBool(r.equal(v.list[0], v.list[1], 0)) },
		"ne":       func(r *run, v values) jinja.Value { return jinja.NewBool(!r.equal(v.list[0], v.list[1], 0)) },
		"lt":       func(r *run, v values) jinja.Value { return jinja.NewBool(r.order(v.list[0], v.list[1], 0) < 0) },
		"le":       func(r *run, v values) jinja.Value { return jinja.NewBool(r.order(v.list[0], v.list[1], 0) <= 0) },
		"gt":       func(r *run, v values) jinja.Value { return jinja.NewBool(r.order(v.list[0], v.list[1], 0) > 0) },
		"ge":       func(r *run, v values) jinja.Value { return jinja.NewBool(r.order(v.list[0], v.list[1], 0) >= 0) },
		"in":       func(r *run, v values) jinja.Value { return jinja.NewBool(r.contains(v.list[1], v.list[0])) },
		"neg":      (*run).negative,
		"pos":      (*run).positive,
		"iter":     (*run).iterate,
		"unpack":   func(r *run, v values) jinja.Value { return r.unpack(v.list[0], int(v.list[1].AsInt())) },
		"enter":    (*run).enterMacro,
		"leave": func(r *run, v values) jinja.Value {
			r.calls--
			return jinja.NewString("")
		},
		"namespace": (*run).namespace,
		"dict":      (*run).pairs,
		"setattr":   (*run).setAttribute,
		"undefined": func(r *run, v values) jinja.Value { return jinja.NewBool(v.list[0].IsUndefined()) },
		"fail": func(r *run, v values) jinja.Value {
			r.fail("%s", v.list[0].AsString())
			return jinja.Undefined()
		},
	}
}

// attribute returns object.name: a method, or the value of a key.
func (r *run) attribute(object jinja.Value, name string) jinja.Value {
	switch {
	case object.IsUndefined():
		r.fail("an undefined value has no attribute %.40q", name)
	case object.IsDict():
		if m, ok := r.dictMethod(object.AsDict(), name); ok {
			return m
		}
		v, _ := object.AsDict().Get(name) // undefined if there is none
		return v
	case object.IsString():
		if _, ok := r.library.strings[name]; ok {
			return jinja.NewCallable(name, func(list []jinja.Value, named map[string]jinja.Value) (jinja.Value, error) {
				return r.method(object, name, values{list, named}), r.err
			})
		}
	}
	return jinja.Undefined()
}

// item returns object[key].
func (r *run) item(object, key jinja.Value) jinja.Value {
	if key.IsString() {
		r.look(key.AsString())
	}
	switch {
	case object.IsUndefined():
		r.fail("an undefined value has no item %.40s", r.show(key))
	case object.IsDict():
		if v, ok := object.AsDict().Get(keyOf(key)); ok {
			return v
		}
		if key.IsString() {
			m, _ := r.dictMethod(object.AsDict(), key.AsString())
			return m
		}
	case object.IsList() && !r.generators[object.AsList()]:
		n := object.AsList().Len()
		if i, ok := integer(key); ok && i < int64(n) && i >= -int64(n) {
			if i < 0 {
				i += int64(n)
			}
			return object.AsList().Get(int(i))
		}
	case object.IsString():
		i, ok := integer(key)
		if !ok {
			return r.attribute(object, r.show(key))
		}
		r.look(object.AsString())
		if !r.spend(0, 4*len(object.AsString())) {
			return jinja.Undefined()
		}
		runes := []rune(object.AsString())
		if i < 0 {
			i += int64(len(runes))
		}
		if i >= 0 && i < int64(len(runes)) {
			return jinja.NewString(string(runes[i]))
		}
	}
	return jinja.Undefined()
}

// slice returns object[from:to:step].
func (r *run) slice(v values) jinja.Value {
	object := v.list[0]
	isList := object.IsList() && !r.generators[object.AsList()]
	if !isList && !object.IsString() {
		if object.IsUndefined() {
			r.fail("an undefined value has no items")
		}
		return jinja.Undefined()
	}
	var items []jinja.Value
	var runes []rune
	n := 0
	if isList {
		items = object.AsList().Items
		n = len(items)
	} else {
		r.look(object.AsString())
		if !r.spend(0, 4*len(object.AsString())) {
			return jinja.Undefined()
		}
		runes = []rune(object.AsString())
		n = len(runes)
	}
	from, to, step := r.bounds(v.list[1], v.list[2], v.list[3], n)
	if r.err != nil {
		return jinja.Undefined()
	}
	var picked []jinja.Value
	var text []rune
	for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
		if isList {
			picked = append(picked, items[i])
		} else {
			text = append(text, runes[i])
		}
	}
	if isList {
		return r.list(picked)
	}
	return r.text(string(text))
}

// bounds returns the bounds of a slice of n items, as Python's slice.indices does.
func (r *run) bounds(from, to, step jinja.Value, n int) (start, stop, by int) {
	number := func(v jinja.Value, otherwise int64) int64 {
		if v.IsNone() {
			return otherwise
		}
		i, ok := integer(v)
		if !ok {
			r.fail("a bound of a slice is a %s, want an int", kindOf(v))
		}
		return i
	}
	s := max(min(number(step, 1), int64(n)+1), -int64(n)-1)
	low, high := int64(0), int64(n)
	if s < 0 {
		low, high = -1, int64(n)-1
	}
	clamp := func(v jinja.Value, otherwise int64) int {
		if v.IsNone() {
			return int(otherwise)
		}
		i := number(v, 0)
		if i < 0 {
			i = max(i, -int64(n)-1) + int64(n)
		}
		return int(max(low, min(high, i)))
	}
	switch {
	case s == 0:
		r.fail("the step of a slice is 0")
	case s > 0:
		return clamp(from, low), clamp(to, high), int(s)
	}
	return clamp(from, high), clamp(to, low), int(s)
}

// callable returns its second argument, which a template calls, or fails if it is no function.
func (r *run) callable(v values) jinja.Value {
	if !v.list[1].IsCallable() {
		r.fail("%s is %s, and cannot be called", v.list[0].AsString(), map[bool]string{true: "undefined", false: "not a function"}[v.list[1].IsUndefined()])
	}
	return v.list[1]
}

// apply calls its first argument with the items of the last argument behind the others.
func (r *run) apply(v values) jinja.Value {
	last := len(v.list) - 1
	items := r.items(v.list[last])
	if r.err != nil || !v.list[0].IsCallable() {
		return r.callable(values{list: []jinja.Value{jinja.NewString("the expression"), v.list[0]}})
	}
	result, err := v.list[0].AsCallable().Fn(slices.Concat(v.list[1:last], items), nil)
	if err != nil && r.err == nil {
		r.err = err
	}
	return result
}

// iterate returns the items that a loop passes. Its arguments are the value, the number of
// variables, and the cost of one passage in bytes.
func (r *run) iterate(v values) jinja.Value {
	items := r.items(v.list[0])
	n := int(v.list[1].AsInt())
	cost := int(v.list[2].AsInt()) // at most the length of a template
	if !r.spend(len(items), 0) || !r.spend(0, len(items)*cost) {
		return jinja.Undefined()
	}
	if n > 1 {
		pairs := make([]jinja.Value, len(items))
		for i, item := range items {
			pairs[i] = r.unpack(item, n)
		}
		items = pairs
	}
	return jinja.NewList(items)
}

// unpack returns the items of a value as a list, which must be n.
func (r *run) unpack(v jinja.Value, n int) jinja.Value {
	items := r.items(v)
	if r.err == nil && len(items) != n {
		r.fail("cannot unpack %d values into %d variables", len(items), n)
	}
	return jinja.NewList(items)
}

// enterMacro counts a call of a macro. Its argument is the cost of the body in bytes.
func (r *run) enterMacro(v values) jinja.Value {
	if r.calls++; r.calls > maxCalls {
		r.fail("%w: more than %d calls of macros within each other", ErrLimit, maxCalls)
	}
	r.spend(1, int(v.list[0].AsInt()))
	return jinja.NewString("")
}

// pairs returns a dictionary of keys and values, which alternate. A dictionary before them is
// copied.
func (r *run) pairs(v values) jinja.Value {
	d := jinja.NewDict()
	list := v.list
	if len(list)%2 == 1 {
		if !list[0].IsDict() {
			r.fail("cannot make a dictionary of a %s", kindOf(list[0]))
			return d
		}
		for _, key := range list[0].AsDict().Keys {
			d.AsDict().Set(key, list[0].AsDict().Data[key])
		}
		list = list[1:]
	}
	for i := 0; i < len(list); i += 2 {
		key := list[i]
		if key.IsString() {
			r.look(key.AsString())
		}
		if key.IsList() || key.IsDict() || key.IsCallable() || key.IsUndefined() {
			r.fail("a %s cannot be the key of a dictionary", kindOf(key))
		}
		d.AsDict().Set(keyOf(key), list[i+1])
	}
	r.spend(d.AsDict().Len(), 64*d.AsDict().Len())
	return d
}

// namespace returns a dictionary whose attributes can be set.
func (r *run) namespace(v values) jinja.Value {
	d := r.pairs(v)
	if r.namespaces == nil {
		r.namespaces = map[*jinja.Dict]bool{}
	}
	r.namespaces[d.AsDict()] = true
	return d
}

// setAttribute sets an attribute of a namespace.
func (r *run) setAttribute(v values) jinja.Value {
	if !v.list[0].IsDict() || !r.namespaces[v.list[0].AsDict()] {
		r.fail("cannot set the attribute %.40q of a %s: only a namespace has such", v.list[1].AsString(), kindOf(v.list[0]))
		return jinja.Undefined()
	}
	v.list[0].AsDict().Set(v.list[1].AsString(), v.list[2])
	return jinja.Undefined()
}
