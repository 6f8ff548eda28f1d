package chattemplate

import "github.com/ardanlabs/jinja"

// functionNames are the names of functions.
var functionNames = map[string]bool{"range": true, "raise_exception": true, "strftime_now": true, "dict": true, "namespace": true, "joiner": true}

// functions returns the functions that transformers gives to a template.
func functions() map[string]operator {
	return map[string]operator{
		"range": (*run).numbers, "dict": (*run).pairs, "namespace": (*run).namespace,
		"raise_exception": func(r *run, v values) jinja.Value {
			x, _ := v.get(0, "message")
			r.fail("%w: %s", ErrRaised, r.show(x))
			return jinja.Undefined()
		},
		"strftime_now": func(r *run, v values) jinja.Value {
			format := r.argument(v, 0, "format", "")
			if !r.spend(0, 16*len(format)) { // the longest directive is 24 bytes of 2
				return jinja.Undefined()
			}
			return r.text(r.date.strftime(format))
		},
		"joiner": func(r *run, v values) jinja.Value {
			separator := r.argument(v, 0, "sep", ", ")
			used := false
			return jinja.NewCallable("joiner", func([]jinja.Value, map[string]jinja.Value) (jinja.Value, error) {
				if !used {
					used = true
					return jinja.NewString(""), r.err
				}
				return r.text(separator), r.err
			})
		},
	}
}

// numbers is range.
func (r *run) numbers(v values) jinja.Value {
	bounds := make([]int64, len(v.list))
	for i, x := range v.list {
		n, ok := integer(x)
		if !ok {
			r.fail("range of a %s, want ints", kindOf(x))
			return jinja.Undefined()
		}
		bounds[i] = n
	}
	from, to, step := int64(0), int64(0), int64(1)
	switch len(bounds) {
	case 1:
		to = bounds[0]
	case 2:
		from, to = bounds[0], bounds[1]
	case 3:
		from, to, step = bounds[0], bounds[1], bounds[2]
	default:
		r.fail("range has %d arguments, want 1 to 3", len(bounds))
		return jinja.Undefined()
	}
	if step == 0 {
		r.fail("the step of a range is 0")
		return jinja.Undefined()
	}
	var all []jinja.Value
	for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
		if all = append(all, jinja.NewInt(i)); len(all) > maxItems {
			r.fail("%w: a range has more than %d numbers", ErrLimit, maxItems)
			return jinja.Undefined()
		}
		if next := i + step; (next > i) != (step > 0) { // beyond 64 bits
			break
		}
	}
	return r.list(all)
}
