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
