package chattemplate

import (
	"strings"

	"github.com/ardanlabs/jinja"
)

// tests returns the tests of Jinja.
func tests() map[string]predicate {
	is := func(f func(jinja.Value) bool) predicate {
		return func(_ *run, v jinja.Value, _ []jinja.Value) bool { return f(v) }
	}
	with := func(f func(r *run, a, b jinja.Value) bool) predicate {
		return func(r *run, v jinja.Value, arguments []jinja.Value) bool {
			if len(arguments) != 1 {
				r.fail("a test has %d arguments, want 1", len(arguments))
				return false
			}
			return f(r, v, arguments[0])
		}
	}
	parity := func(odd int64) predicate {
		return func(r *run, v jinja.Value, _ []jinja.Value) bool {
			n, ok := integer(v)
			if !ok {
				r.fail("a %s is neither odd nor even", kindOf(v))
			}
			return ok && n&1 == odd
		}
	}
	equal := with(func(r *run, a, b jinja.Value) bool { return r.equal(a, b, 0) })
	different := with(func(r *run, a, b jinja.Value) bool { return !r.equal(a, b, 0) })
	less := with(func(r *run, a, b jinja.Value) bool { return r.order(a, b, 0) < 0 })
	notMore := with(func(r *run, a, b jinja.Value) bool { return r.order(a, b, 0) <= 0 })
	more := with(func(r *run, a, b jinja.Value) bool { return r.order(a, b, 0) > 0 })
	notLess := with(func(r *run, a, b jinja.Value) bool { return r.order(a, b, 0) >= 0 })
	iterable := is(func(v jinja.Value) bool { return v.IsString() || v.IsList() || v.IsDict() || v.IsUndefined() })
	return map[string]predicate{
		"defined":   is(func(v jinja.Value) bool { return !v.IsUndefined() }),
		"undefined": is(jinja.Value.IsUndefined),
		"none":      is(jinja.Value.IsNone),
		"boolean":   is(jinja.Value.IsBool),
		"true":      is(func(v jinja.Value) bool { return v.IsBool() && v.AsBool() }),
		"false":     is(func(v jinja.Value) bool { return v.IsBool() && !v.AsBool() }),
		"integer":   is(jinja.Value.IsInt),
		"float":     is(jinja.Value.IsFloat),
		"number":    is(func(v jinja.Value) bool { return v.IsNumber() || v.IsBool() }),
		"string":    is(jinja.Value.IsString),
		"mapping":   func(r *run, v jinja.Value, _ []jinja.Value) bool { return v.IsDict() && !r.namespaces[v.AsDict()] },
		"callable":  is(jinja.Value.IsCallable),
		"iterable":  iterable,
		"sequence": func(r *run, v jinja.Value, _ []jinja.Value) bool {
			return v.IsString() || v.IsDict() || v.IsUndefined() || v.IsList() && !r.generators[v.AsList()]
		},
		"odd": parity(1), "even": parity(0),
		"divisibleby": with(func(r *run, a, b jinja.Value) bool { return r.equal(arithmetic("%")(r, a, b), jinja.NewInt(0), 0) }),
		"eq":          equal, "equalto": equal, "==": equal, "ne": different, "!=": different,
		"lt": less, "lessthan": less, "<": less, "le": notMore, "<=": notMore,
		"gt": more, "greaterthan": more, ">": more, "ge": notLess, ">=": notLess,
		"in":     with(func(r *run, a, b jinja.Value) bool { return r.contains(b, a) }),
		"sameas": with(func(r *run, a, b jinja.Value) bool { return kindOf(a) == kindOf(b) && r.equal(a, b, 0) }),
		"upper": func(r *run, v jinja.Value, _ []jinja.Value) bool {
			s := r.show(v)
			r.look(s)
			return s == strings.ToUpper(s) && s != strings.ToLower(s)
		},
		"lower": func(r *run, v jinja.Value, _ []jinja.Value) bool {
			s := r.show(v)
			r.look(s)
			return s == strings.ToLower(s) && s != strings.ToUpper(s)
		},
		"filter": func(r *run, v jinja.Value, _ []jinja.Value) bool { return r.library.filters[r.show(v)] != nil },
		"test":   func(r *run, v jinja.Value, _ []jinja.Value) bool { return r.library.tests[r.show(v)] != nil },
	}
}
