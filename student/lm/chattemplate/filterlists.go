package chattemplate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ardanlabs/jinja"
)

// attributeOf returns the attribute of a value that a filter names: keys with dots between them, or
// an index.
func (r *run) attributeOf(v, path jinja.Value) jinja.Value {
	if !path.IsString() {
		return r.item(v, path)
	}
	for key := range strings.SplitSeq(path.AsString(), ".") {
		if n, err := strconv.Atoi(key); err == nil {
			v = r.item(v, jinja.NewInt(int64(n)))
		} else {
			v = r.item(v, jinja.NewString(key))
		}
	}
	return v
}

func (r *run) join(v values) jinja.Value {
	items := r.items(v.list[0])
	attribute, ok := v.get(2, "attribute")
	parts := make([]string, len(items))
	for i, item := range items {
		if ok {
			item = r.attributeOf(item, attribute)
		}
		parts[i] = r.show(item)
	}
	separator, _ := v.get(1, "d")
	return r.joined(parts, r.show(separator))
}

func (r *run) pairItems(v values) jinja.Value {
	switch x := v.list[0]; {
	case x.IsUndefined():
		return r.lazy(nil)
	case x.IsDict() && !r.namespaces[x.AsDict()]:
		return r.lazy(r.itemsOf(x.AsDict()))
	}
	r.fail("Can only get item pairs from a mapping.")
	return jinja.Undefined()
}

// folded returns a string in lower case, by which filters sort unless they are told not to.
func (r *run) folded(v jinja.Value, exact bool) jinja.Value {
	if v.IsString() && !exact {
		r.look(v.AsString())
		return r.text(strings.ToLower(v.AsString()))
	}
	return v
}

// sorted sorts items by their keys.
func (r *run) sorted(items, keys []jinja.Value, reverse bool) []jinja.Value {
	at := make([]int, len(items))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int {
		if r.err != nil {
			return 0
		}
		c := r.order(keys[a], keys[b], 0)
		if reverse {
			return -c
		}
		return c
	})
	all := make([]jinja.Value, len(items))
	for i, j := range at {
		all[i] = items[j]
	}
	return all
}

func (r *run) dictSort(v values) jinja.Value {
	if !v.list[0].IsDict() {
		r.fail("dictsort sorts a dict, not a %s", kindOf(v.list[0]))
		return jinja.Undefined()
	}
	exact, _ := v.get(1, "case_sensitive")
	by := 0
	switch r.argument(v, 2, "by", "key") {
	case "key":
	case "value":
		by = 1
	default:
		r.fail(`dictsort sorts by "key" or "value"`)
	}
	reverse, _ := v.get(3, "reverse")
	items := r.itemsOf(v.list[0].AsDict())
	keys := make([]jinja.Value, len(items))
	for i, pair := range items {
		keys[i] = r.folded(pair.AsList().Get(by), exact.IsTruthy())
	}
	return r.list(r.sorted(items, keys, reverse.IsTruthy()))
}

func (r *run) sort(v values) jinja.Value {
	reverse, _ := v.get(1, "reverse")
	exact, _ := v.get(2, "case_sensitive")
	attribute, by := v.get(3, "attribute")
	items := r.items(v.list[0])
	keys := make([]jinja.Value, len(items))
	for i, item := range items {
		if by && !attribute.IsNone() {
			item = r.attributeOf(item, attribute)
		}
		keys[i] = r.folded(item, exact.IsTruthy())
	}
	return r.list(r.sorted(items, keys, reverse.IsTruthy()))
}

func (r *run) unique(v values) jinja.Value {
	exact, _ := v.get(1, "case_sensitive")
	attribute, by := v.get(2, "attribute")
	var all, keys []jinja.Value
	for _, item := range r.items(v.list[0]) {
		key := item
		if by && !attribute.IsNone() {
			key = r.attributeOf(item, attribute)
		}
		key = r.folded(key, exact.IsTruthy())
		if r.err == nil && !slices.ContainsFunc(keys, func(k jinja.Value) bool { return r.equal(k, key, 0) }) {
			all, keys = append(all, item), append(keys, key)
		}
	}
	return r.lazy(all)
}

// end returns the first item of a value, or the last.
func (r *run) end(v jinja.Value, i int) jinja.Value {
	items := r.items(v)
	if len(items) == 0 {
		return jinja.Undefined()
	}
	return items[(i+len(items))%len(items)]
}

func (r *run) reverse(v values) jinja.Value {
	items := slices.Clone(r.items(v.list[0]))
	slices.Reverse(items)
	if !v.list[0].IsString() {
		return r.lazy(items)
	}
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = item.AsString()
	}
	return r.joined(parts, "")
}

// itemsIfAny returns the items of a value that is true; filters of generators pass no others.
func (r *run) itemsIfAny(v jinja.Value) []jinja.Value {
	if !r.truth(v) {
		return nil
	}
	return r.items(v)
}

func (r *run) mapped(v values) jinja.Value {
	items := r.itemsIfAny(v.list[0])
	all := make([]jinja.Value, len(items))
	if attribute, ok := v.named["attribute"]; ok {
		otherwise, given := v.named["default"]
		for i, item := range items {
			if all[i] = r.attributeOf(item, attribute); given && all[i].IsUndefined() {
				all[i] = otherwise
			}
		}
		return r.lazy(all)
	}
	name := r.argument(v, 1, "", "")
	f, ok := r.library.filters[name]
	if !ok {
		r.fail("map has no filter %.40q", name)
		return jinja.Undefined()
	}
	for i, item := range items {
		if r.err == nil && r.spend(1, 0) {
			all[i] = f(r, values{append([]jinja.Value{item}, v.list[2:]...), v.named})
		}
	}
	return r.lazy(all)
}

// selected returns the items that pass a test, or those that do not; the test is of an attribute
// if byAttribute.
func (r *run) selected(v values, want, byAttribute bool) jinja.Value {
	at := 1
	var attribute jinja.Value
	if byAttribute {
		if attribute, at = jinja.NewString(r.argument(v, 1, "", "")), 2; len(v.list) < 2 {
			r.fail("the filter needs the name of an attribute")
		}
	}
	name := r.argument(v, at, "", "")
	test, ok := r.library.tests[name]
	if name != "" && !ok {
		r.fail("No test named %.40q.", name)
	}
	var all []jinja.Value
	for _, item := range r.itemsIfAny(v.list[0]) {
		if r.err != nil || !r.spend(1, 0) {
			break
		}
		x := item
		if byAttribute {
			x = r.attributeOf(item, attribute)
		}
		passes := false
		if name == "" {
			passes = r.truth(x)
		} else {
			passes = test(r, x, v.list[at+1:])
		}
		if passes == want {
			all = append(all, item)
		}
	}
	return r.lazy(all)
}

// extreme returns the largest item for sign 1, and the smallest for -1.
func (r *run) extreme(v values, sign int) jinja.Value {
	exact, _ := v.get(1, "case_sensitive")
	attribute, by := v.get(2, "attribute")
	best, bestKey := jinja.Undefined(), jinja.Undefined()
	for i, item := range r.items(v.list[0]) {
		key := item
		if by && !attribute.IsNone() {
			key = r.attributeOf(item, attribute)
		}
		if key = r.folded(key, exact.IsTruthy()); i == 0 || sign*r.order(key, bestKey, 0) > 0 {
			best, bestKey = item, key
		}
	}
	return best
}

func (r *run) sum(v values) jinja.Value {
	attribute, by := v.get(1, "attribute")
	total, ok := v.get(2, "start")
	if !ok {
		total = jinja.NewInt(0)
	}
	for _, item := range r.items(v.list[0]) {
		if by && !attribute.IsNone() {
			item = r.attributeOf(item, attribute)
		}
		if total = r.add(total, item); r.err != nil {
			break
		}
	}
	return total
}

func (r *run) batch(v values) jinja.Value {
	n := r.count(v, 1, "linecount", 0)
	if n < 1 {
		r.fail("batch needs a number of items, >= 1")
		return jinja.Undefined()
	}
	fill, filled := v.get(2, "fill_with")
	var all []jinja.Value
	for part := range slices.Chunk(r.items(v.list[0]), n) {
		part = slices.Clone(part)
		if r.spend(1, 24*n); filled && r.err == nil {
			for len(part) < n {
				part = append(part, fill)
			}
		}
		all = append(all, jinja.NewList(part))
	}
	return r.lazy(all)
}
