package chattemplate

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ardanlabs/jinja"
)

// mutators are the methods of lists and dictionaries that change them. The sandbox of transformers
// refuses them.
var mutators = map[string]bool{
	"append": true, "extend": true, "insert": true, "pop": true, "remove": true, "clear": true, "sort": true, "reverse": true,
	"update": true, "setdefault": true, "popitem": true,
}

// method calls object.name(arguments).
func (r *run) method(object jinja.Value, name string, v values) jinja.Value {
	switch {
	case object.IsString():
		if f, ok := r.library.strings[name]; ok {
			r.spend(1, len(object.AsString())/8)
			return f(r, object.AsString(), v)
		}
	case object.IsDict():
		m, ok := r.dictMethod(object.AsDict(), name)
		if !ok {
			m, ok = object.AsDict().Get(name)
		}
		if ok && m.IsCallable() {
			result, err := m.AsCallable().Fn(v.list, v.named)
			if err != nil && r.err == nil {
				r.err = err
			}
			return result
		}
	case object.IsList():
		switch {
		case mutators[name]:
			r.fail("the method %s would change a list", name)
		case name == "index" && len(v.list) == 1:
			for i, item := range object.AsList().Items {
				if r.equal(item, v.list[0], 0) {
					return jinja.NewInt(int64(i))
				}
			}
			r.fail("the value is not in the list")
		case name == "count" && len(v.list) == 1:
			n := int64(0)
			for _, item := range object.AsList().Items {
				if r.equal(item, v.list[0], 0) {
					n++
				}
			}
			return jinja.NewInt(n)
		case name == "copy":
			return r.list(append([]jinja.Value(nil), object.AsList().Items...))
		}
	}
	r.fail("a value of type %s has no method %.40q", kindOf(object), name)
	return jinja.Undefined()
}

// dictMethod returns a method of a dictionary. The attributes of a namespace are its values only.
func (r *run) dictMethod(d *jinja.Dict, name string) (jinja.Value, bool) {
	if r.namespaces[d] {
		return jinja.Undefined(), false
	}
	if mutators[name] {
		return jinja.NewCallable(name, func([]jinja.Value, map[string]jinja.Value) (jinja.Value, error) {
			r.fail("the method %s would change a dictionary", name)
			return jinja.Undefined(), r.err
		}), true
	}
	f, ok := r.library.dicts[name]
	if !ok {
		return jinja.Undefined(), false
	}
	return jinja.NewCallable(name, func(list []jinja.Value, named map[string]jinja.Value) (jinja.Value, error) {
		return f(r, d, values{list, named}), r.err
	}), true
}

// dictMethod is a method of a dictionary.
type dictMethod func(r *run, d *jinja.Dict, v values) jinja.Value

// dictMethods returns the methods of dictionaries that do not change them.
func dictMethods() map[string]dictMethod {
	return map[string]dictMethod{
		"keys":  func(r *run, d *jinja.Dict, v values) jinja.Value { return r.list(keysOf(d)) },
		"items": func(r *run, d *jinja.Dict, v values) jinja.Value { return r.list(r.itemsOf(d)) },
		"values": func(r *run, d *jinja.Dict, v values) jinja.Value {
			all := make([]jinja.Value, len(d.Keys))
			for i, key := range d.Keys {
				all[i] = d.Data[key]
			}
			return r.list(all)
		},
		"copy": func(r *run, d *jinja.Dict, v values) jinja.Value {
			return r.pairs(values{list: []jinja.Value{valueOf(d)}})
		},
		"get": func(r *run, d *jinja.Dict, v values) jinja.Value {
			key, _ := v.get(0, "")
			if key.IsString() {
				r.look(key.AsString())
			}
			if x, ok := d.Get(keyOf(key)); ok {
				return x
			}
			if x, ok := v.get(1, ""); ok {
				return x
			}
			return jinja.None()
		},
	}
}

// itemsOf returns the keys of a dictionary with their values.
func (r *run) itemsOf(d *jinja.Dict) []jinja.Value {
	r.spend(d.Len(), 48*d.Len())
	pairs := make([]jinja.Value, len(d.Keys))
	for i, key := range d.Keys {
		pairs[i] = jinja.NewList([]jinja.Value{keyValue(key), d.Data[key]})
	}
	return pairs
}

// valueOf returns a dictionary with the keys and values of d.
func valueOf(d *jinja.Dict) jinja.Value {
	v := jinja.NewDict()
	*v.AsDict() = *d
	return v
}

// argument returns a string argument of a method, or otherwise.
func (r *run) argument(v values, i int, name, otherwise string) string {
	x, ok := v.get(i, name)
	switch {
	case !ok || x.IsNone():
		return otherwise
	case !x.IsString():
		r.fail("argument %d is a %s, want a str", i+1, kindOf(x))
		return otherwise
	}
	return x.AsString()
}

// count returns an integer argument of a method, or otherwise.
func (r *run) count(v values, i int, name string, otherwise int) int {
	x, ok := v.get(i, name)
	if !ok || x.IsNone() {
		return otherwise
	}
	n, ok := integer(x)
	if !ok {
		r.fail("argument %d is a %s, want an int", i+1, kindOf(x))
		return otherwise
	}
	return int(max(-maxOutput, min(n, maxOutput)))
}

// stringMethod is a method of a string.
type stringMethod func(r *run, s string, v values) jinja.Value

// stringMethods returns the methods of strings.
func stringMethods() map[string]stringMethod {
	changed := func(f func(string) string) stringMethod {
		return func(r *run, s string, v values) jinja.Value {
			r.look(s)
			return r.text(f(s))
		}
	}
	stripping := func(left, right bool) stringMethod {
		return func(r *run, s string, v values) jinja.Value {
			if x, ok := v.get(0, ""); ok && x.IsString() && x.AsString() == "" {
				return jinja.NewString(s)
			}
			return r.text(r.strip(s, r.argument(v, 0, "", ""), left, right))
		}
	}
	affix := func(has func(*run, string, string) bool) stringMethod {
		return func(r *run, s string, v values) jinja.Value {
			x, _ := v.get(0, "")
			all := []jinja.Value{x}
			if x.IsList() {
				all = x.AsList().Items
			}
			for i := range all {
				if a := r.argument(values{list: all}, i, "", ""); r.err == nil && has(r, s, a) {
					return jinja.NewBool(true)
				}
			}
			return jinja.NewBool(false)
		}
	}
	every := func(f func(rune) bool) stringMethod {
		return func(r *run, s string, v values) jinja.Value {
			r.look(s)
			return jinja.NewBool(s != "" && strings.IndexFunc(s, func(c rune) bool { return !f(c) }) < 0)
		}
	}
	index := func(find func(string, string) int, strict bool) stringMethod {
		return func(r *run, s string, v values) jinja.Value {
			r.look(s)
			i := find(s, r.argument(v, 0, "", ""))
			if i < 0 && strict {
				r.fail("substring not found")
			}
			return jinja.NewInt(int64(utf8.RuneCountInString(s[:max(i, 0)]) + min(i, 0)))
		}
	}
	return map[string]stringMethod{
		"strip": stripping(true, true), "lstrip": stripping(true, false), "rstrip": stripping(false, true),
		"upper": changed(strings.ToUpper), "lower": changed(strings.ToLower), "title": changed(title), "capitalize": changed(capitalize),
		"startswith": affix((*run).prefixed), "endswith": affix((*run).suffixed),
		"find": index(strings.Index, false), "rfind": index(strings.LastIndex, false), "index": index(strings.Index, true),
		"isdigit": every(unicode.IsDigit), "isalpha": every(unicode.IsLetter), "isspace": every(isSpace),
		"isalnum": every(func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }),
		"isupper": func(r *run, s string, v values) jinja.Value {
			r.look(s)
			return jinja.NewBool(s == strings.ToUpper(s) && s != strings.ToLower(s))
		},
		"islower": func(r *run, s string, v values) jinja.Value {
			r.look(s)
			return jinja.NewBool(s == strings.ToLower(s) && s != strings.ToUpper(s))
		},
		"removeprefix": func(r *run, s string, v values) jinja.Value {
			if p := r.argument(v, 0, "", ""); p != "" && r.prefixed(s, p) {
				return r.text(strings.TrimPrefix(s, p))
			}
			return jinja.NewString(s)
		},
		"removesuffix": func(r *run, s string, v values) jinja.Value {
			if p := r.argument(v, 0, "", ""); p != "" && r.suffixed(s, p) {
				return r.text(strings.TrimSuffix(s, p))
			}
			return jinja.NewString(s)
		},
		"count": func(r *run, s string, v values) jinja.Value {
			r.look(s)
			return jinja.NewInt(int64(strings.Count(s, r.argument(v, 0, "", ""))))
		},
		"replace": func(r *run, s string, v values) jinja.Value {
			return r.replace(s, r.argument(v, 0, "", ""), r.argument(v, 1, "", ""), r.count(v, 2, "count", -1))
		},
		"split":      func(r *run, s string, v values) jinja.Value { return r.split(s, v, false) },
		"rsplit":     func(r *run, s string, v values) jinja.Value { return r.split(s, v, true) },
		"splitlines": (*run).splitLines,
		"join": func(r *run, s string, v values) jinja.Value {
			x, _ := v.get(0, "")
			items := r.items(x)
			parts := make([]string, len(items))
			for i := range items {
				parts[i] = r.argument(values{list: items}, i, "", "")
			}
			return r.joined(parts, s)
		},
		"format": (*run).format,
	}
}

// title returns Python's str.title.
func title(s string) string {
	inWord := false
	return strings.Map(func(c rune) rune {
		was := inWord
		if inWord = unicode.IsLetter(c); !inWord {
			return c
		}
		if was {
			return unicode.ToLower(c)
		}
		return unicode.ToTitle(c)
	}, s)
}

// capitalize returns Python's str.capitalize.
func capitalize(s string) string {
	first := true
	return strings.Map(func(c rune) rune {
		if first {
			first = false
			return unicode.ToTitle(c)
		}
		return unicode.ToLower(c)
	}, s)
}

func (r *run) replace(s, old, new string, n int) jinja.Value {
	r.look(s, old, new)
	found := strings.Count(s, old)
	if n >= 0 {
		found = min(found, n)
	}
	if found > 0 && len(new) > 0 && found > (maxOutput+len(s))/len(new) || !r.fits(len(s)+found*(len(new)-len(old))) {
		r.fail("%w: too much text", ErrLimit)
		return jinja.NewString("")
	}
	return r.text(strings.Replace(s, old, new, n))
}

// split divides a text at a separator, or at white space, at most a number of times from one end.
// If no content of a hole has the separator, the text is one piece.
func (r *run) split(s string, v values, fromEnd bool) jinja.Value {
	separator := r.argument(v, 0, "sep", "")
	x, given := v.get(0, "sep")
	most := r.count(v, 1, "maxsplit", -1)
	if !given || x.IsNone() {
		r.look(s)
		return r.strings(fields(s, most, fromEnd))
	}
	if separator == "" {
		r.fail("empty separator")
		return jinja.Undefined()
	}
	if _, ok := hole(s); ok && r.trace != nil && !r.within(s, separator) {
		return r.strings([]string{s})
	}
	r.look(s, separator)
	r.spend(1, 24*strings.Count(s, separator))
	if r.err != nil {
		return jinja.Undefined()
	}
	if most >= 0 && !fromEnd {
		return r.strings(strings.SplitN(s, separator, most+1))
	}
	parts := strings.Split(s, separator)
	if most < 0 {
		return r.strings(parts)
	}
	if extra := len(parts) - 1 - most; extra > 0 {
		parts = append([]string{strings.Join(parts[:extra+1], separator)}, parts[extra+1:]...)
	}
	return r.strings(parts)
}

// fields divides a text at white space.
func fields(s string, most int, fromEnd bool) []string {
	if most < 0 {
		return strings.FieldsFunc(s, isSpace)
	}
	var parts []string
	for n := 0; ; n++ {
		if fromEnd {
			s = strings.TrimRightFunc(s, isSpace)
		} else {
			s = strings.TrimLeftFunc(s, isSpace)
		}
		i := strings.IndexFunc(s, isSpace)
		if fromEnd {
			i = strings.LastIndexFunc(s, isSpace)
		}
		if i < 0 || n == most {
			if s = strings.TrimFunc(s, map[bool]func(rune) bool{true: isSpace, false: func(rune) bool { return false }}[i < 0]); s != "" {
				parts = insert(parts, s, fromEnd)
			}
			return parts
		}
		if fromEnd {
			_, size := utf8.DecodeRuneInString(s[i:])
			parts, s = insert(parts, s[i+size:], true), s[:i]
		} else {
			parts, s = append(parts, s[:i]), s[i:]
		}
	}
}

func insert(parts []string, s string, first bool) []string {
	if first {
		return append([]string{s}, parts...)
	}
	return append(parts, s)
}

// splitLines divides a text at Python's line ends.
func (r *run) splitLines(s string, v values) jinja.Value {
	r.look(s)
	keep, _ := v.get(0, "keepends")
	var lines []string
	for s != "" {
		i := strings.IndexAny(s, "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029")
		if i < 0 {
			lines = append(lines, s)
			break
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		if strings.HasPrefix(s[i:], "\r\n") {
			size = 2
		}
		end := i
		if keep.IsTruthy() {
			end = i + size
		}
		lines, s = append(lines, s[:end]), s[i+size:]
	}
	return r.strings(lines)
}

// strings returns a list of strings.
func (r *run) strings(parts []string) jinja.Value {
	items := make([]jinja.Value, len(parts))
	for i, s := range parts {
		items[i] = jinja.NewString(s)
	}
	return r.list(items)
}

// format is Python's str.format for {}, {0} and {name}.
func (r *run) format(s string, v values) jinja.Value {
	r.look(s)
	var b strings.Builder
	next := 0
	for s != "" && r.fits(b.Len()) {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		if i+1 < len(s) && s[i+1] == s[i] {
			b.WriteByte(s[i])
			s = s[i+2:]
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		if s[i] == '}' || end < 0 {
			r.fail("a brace of a format stands alone")
			break
		}
		field := s[i+1 : i+end]
		s = s[i+end+1:]
		x, ok := v.named[field]
		if n := -1; !ok {
			if field == "" {
				n, next = next, next+1
			} else if _, err := fmt.Sscanf(field, "%d", &n); err != nil || fmt.Sprint(n) != field {
				n = -1
			}
			if x, ok = v.get(n, ""); !ok {
				r.fail("the format has the field %.40q, want one without a conversion and a value for it", field)
			}
		}
		b.WriteString(r.show(x))
	}
	return r.text(b.String())
}
