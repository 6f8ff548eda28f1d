package chattemplate

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
)

// escapes replaces what HTML would read as markup.
var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

// filters returns the filters of Jinja that chat templates use. The first argument is the value.
func filters() map[string]operator {
	length := func(r *run, v values) jinja.Value { return r.length(v.list[0]) }
	standard := func(r *run, v values) jinja.Value {
		x := v.list[0]
		boolean, _ := v.get(2, "boolean")
		if x.IsUndefined() || boolean.IsTruthy() && !r.truth(x) {
			if otherwise, ok := v.get(1, "default_value"); ok {
				return otherwise
			}
			return jinja.NewString("")
		}
		return x
	}
	escape := func(r *run, v values) jinja.Value {
		s := r.show(v.list[0])
		r.look(s)
		if !r.fits(5 * len(s)) {
			return jinja.Undefined()
		}
		return r.text(escapes.Replace(s))
	}
	changed := func(f func(string) string) operator {
		return func(r *run, v values) jinja.Value {
			s := r.show(v.list[0])
			r.look(s)
			return r.text(f(s))
		}
	}
	identity := func(r *run, v values) jinja.Value { return r.text(r.show(v.list[0])) }
	return map[string]operator{
		"default": standard, "d": standard, "length": length, "count": length, "escape": escape, "e": escape,
		"upper": changed(strings.ToUpper), "lower": changed(strings.ToLower), "title": changed(titleWords), "capitalize": changed(capitalize),
		"string": identity, "safe": identity, "trim": (*run).trim, "tojson": (*run).toJSON,
		"join": (*run).join, "items": (*run).pairItems, "dictsort": (*run).dictSort,
		"list":    func(r *run, v values) jinja.Value { return r.list(slices.Clone(r.items(v.list[0]))) },
		"first":   func(r *run, v values) jinja.Value { return r.end(v.list[0], 0) },
		"last":    func(r *run, v values) jinja.Value { return r.end(v.list[0], -1) },
		"reverse": (*run).reverse, "sort": (*run).sort, "unique": (*run).unique, "map": (*run).mapped,
		"select":     func(r *run, v values) jinja.Value { return r.selected(v, true, false) },
		"reject":     func(r *run, v values) jinja.Value { return r.selected(v, false, false) },
		"selectattr": func(r *run, v values) jinja.Value { return r.selected(v, true, true) },
		"rejectattr": func(r *run, v values) jinja.Value { return r.selected(v, false, true) },
		"max":        func(r *run, v values) jinja.Value { return r.extreme(v, 1) },
		"min":        func(r *run, v values) jinja.Value { return r.extreme(v, -1) },
		"sum":        (*run).sum, "batch": (*run).batch, "int": (*run).toInt, "float": (*run).toFloat, "round": (*run).round,
		"abs":     func(r *run, v values) jinja.Value { return r.absolute(v.list[0]) },
		"replace": (*run).replaceFilter, "indent": (*run).indent,
		"wordcount": func(r *run, v values) jinja.Value {
			s := r.show(v.list[0])
			r.look(s)
			return jinja.NewInt(int64(len(strings.FieldsFunc(s, isSpace))))
		},
		"format": func(r *run, v values) jinja.Value { return r.printf(r.show(v.list[0]), v.list[1:]) },
	}
}

// titleWords returns what Jinja's title filter does: a capital at the start of each word, where
// words end at white space, hyphens and opening brackets.
func titleWords(s string) string {
	start := true
	return strings.Map(func(c rune) rune {
		was := start
		start = isSpace(c) || strings.ContainsRune("-({[<", c)
		if was {
			return []rune(strings.ToUpper(string(c)))[0]
		}
		return []rune(strings.ToLower(string(c)))[0]
	}, s)
}

func (r *run) length(v jinja.Value) jinja.Value {
	switch {
	case v.IsString():
		r.look(v.AsString())
		return jinja.NewInt(int64(utf8.RuneCountInString(v.AsString())))
	case v.IsList() && !r.generators[v.AsList()]:
		return jinja.NewInt(int64(v.AsList().Len()))
	case v.IsDict():
		return jinja.NewInt(int64(v.AsDict().Len()))
	case v.IsUndefined():
		return jinja.NewInt(0)
	}
	r.fail("a value of type %s has no length", kindOf(v))
	return jinja.Undefined()
}

func (r *run) trim(v values) jinja.Value {
	s := r.show(v.list[0])
	characters, given := v.get(1, "chars")
	if given && characters.IsString() && characters.AsString() == "" {
		return r.text(s)
	}
	return r.text(r.strip(s, r.argument(v, 1, "chars", ""), true, true))
}

// toJSON is the filter of transformers, which has the parameters of json.dumps and does not escape
// what is not ASCII.
func (r *run) toJSON(v values) jinja.Value {
	s := jsonStyle{item: ", ", key: ": "}
	if x, ok := v.get(1, "ensure_ascii"); ok {
		s.ascii = r.truth(x)
	}
	if x, ok := v.get(2, "indent"); ok && !x.IsNone() {
		s.lines, s.item = true, ","
		if x.IsString() {
			s.indent = x.AsString()
		} else if n := r.count(v, 2, "indent", 0); n > 0 && r.fits(n) {
			s.indent = strings.Repeat(" ", n)
		}
	}
	if x, ok := v.get(3, "separators"); ok && !x.IsNone() {
		pair := r.unpack(x, 2).AsList().Items
		if r.err == nil {
			s.item, s.key = r.argument(values{list: pair}, 0, "", ""), r.argument(values{list: pair}, 1, "", "")
		}
	}
	if x, ok := v.get(4, "sort_keys"); ok {
		s.sorted = r.truth(x)
	}
	var b strings.Builder
	r.json(&b, v.list[0], s, 0)
	return r.text(b.String())
}

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

func (r *run) toInt(v values) jinja.Value {
	switch x := v.list[0]; {
	case x.IsString():
		r.look(x.AsString())
		s := strings.TrimFunc(x.AsString(), isSpace)
		if n, err := strconv.ParseInt(strings.TrimPrefix(s, "+"), 10, 64); err == nil {
			return jinja.NewInt(n)
		}
		if f, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(f) < 1<<62 {
			return jinja.NewInt(int64(f))
		}
	default:
		if f, ok := number(x); ok && x.IsFloat() && math.Abs(f) < 1<<62 {
			return jinja.NewInt(int64(f))
		}
		if n, ok := integer(x); ok {
			return jinja.NewInt(n)
		}
	}
	if otherwise, ok := v.get(1, "default"); ok {
		return otherwise
	}
	return jinja.NewInt(0)
}

func (r *run) toFloat(v values) jinja.Value {
	if x := v.list[0]; x.IsString() {
		r.look(x.AsString())
		if f, err := strconv.ParseFloat(strings.TrimFunc(x.AsString(), isSpace), 64); err == nil {
			return jinja.NewFloat(f)
		}
	} else if f, ok := number(x); ok {
		return jinja.NewFloat(f)
	}
	if otherwise, ok := v.get(1, "default"); ok {
		return otherwise
	}
	return jinja.NewFloat(0)
}

func (r *run) round(v values) jinja.Value {
	f, ok := number(v.list[0])
	if !ok {
		r.fail("cannot round a %s", kindOf(v.list[0]))
		return jinja.Undefined()
	}
	digits := math.Pow(10, float64(max(-300, min(300, r.count(v, 1, "precision", 0)))))
	switch r.argument(v, 2, "method", "common") {
	case "ceil":
		f = math.Ceil(f*digits) / digits
	case "floor":
		f = math.Floor(f*digits) / digits
	default:
		f = math.RoundToEven(f*digits) / digits
		if n, ok := integer(v.list[0]); ok && digits >= 1 {
			return jinja.NewInt(n)
		}
	}
	return jinja.NewFloat(f)
}

func (r *run) absolute(v jinja.Value) jinja.Value {
	if f, ok := number(v); !ok {
		r.fail("a %s has no absolute value", kindOf(v))
	} else if f < 0 {
		return arithmetic("-")(r, jinja.NewInt(0), v)
	}
	return v
}

func (r *run) replaceFilter(v values) jinja.Value {
	if len(v.list) < 3 {
		r.fail("replace needs the old and the new text")
		return jinja.Undefined()
	}
	return r.replace(r.show(v.list[0]), r.show(v.list[1]), r.show(v.list[2]), r.count(v, 3, "count", -1))
}

func (r *run) indent(v values) jinja.Value {
	s := r.show(v.list[0])
	r.look(s)
	pad := ""
	if x, ok := v.get(1, "width"); ok && x.IsString() {
		pad = x.AsString()
	} else if n := r.count(v, 1, "width", 4); n > 0 && r.fits(n) {
		pad = strings.Repeat(" ", n)
	}
	first, _ := v.get(2, "first")
	blank, _ := v.get(3, "blank")
	lines := strings.Split(s, "\n")
	if !r.repeatable(len(pad)+1, int64(len(lines))) {
		return jinja.Undefined()
	}
	for i, line := range lines {
		if (i > 0 || first.IsTruthy()) && (line != "" || blank.IsTruthy()) {
			lines[i] = pad + line
		}
	}
	return r.joined(lines, "\n")
}
