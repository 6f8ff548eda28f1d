package chattemplate

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/ardanlabs/jinja"
)

// maxDepth bounds lists and dictionaries within each other.
const maxDepth = 64

// show returns what Python's str of a value is.
func (r *run) show(v jinja.Value) string {
	switch {
	case v.IsString():
		return v.AsString()
	case v.IsUndefined():
		return ""
	}
	var b strings.Builder
	r.repr(&b, v, 0)
	return b.String()
}

// repr writes what Python's repr of a value is.
func (r *run) repr(b *strings.Builder, v jinja.Value, depth int) {
	if !r.visit(depth) {
		return
	}
	switch {
	case v.IsUndefined():
		b.WriteString("Undefined")
	case v.IsNone():
		b.WriteString("None")
	case v.IsBool():
		if v.AsBool() {
			b.WriteString("True")
		} else {
			b.WriteString("False")
		}
	case v.IsInt():
		b.WriteString(strconv.FormatInt(v.AsInt(), 10))
	case v.IsFloat():
		b.WriteString(floatText(v.AsFloat()))
	case v.IsString():
		r.look(v.AsString())
		quote(b, v.AsString())
	case v.IsList():
		b.WriteByte('[')
		for i, item := range v.AsList().Items {
			if r.err != nil {
				return
			}
			if i > 0 {
				b.WriteString(", ")
			}
			r.repr(b, item, depth+1)
		}
		b.WriteByte(']')
	case v.IsDict():
		b.WriteByte('{')
		for i, key := range v.AsDict().Keys {
			if r.err != nil {
				return
			}
			if i > 0 {
				b.WriteString(", ")
			}
			r.repr(b, keyValue(key), depth+1)
			b.WriteString(": ")
			r.repr(b, v.AsDict().Data[key], depth+1)
		}
		b.WriteByte('}')
	default:
		r.fail("a function has no text")
	}
	r.fits(b.Len())
}

// floatText returns Python's repr of a float: the shortest text that reads back as the number.
func floatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	scientific := strconv.FormatFloat(f, 'e', -1, 64)
	exponent, err := strconv.Atoi(scientific[strings.IndexByte(scientific, 'e')+1:])
	if err != nil || exponent < -4 || exponent >= 16 {
		return scientific
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// quote writes Python's repr of a string.
func quote(b *strings.Builder, s string) {
	mark := '\''
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		mark = '"'
	}
	b.WriteRune(mark)
	for _, c := range s {
		switch {
		case c == mark || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(c):
			b.WriteRune(c)
		case c < 0x100:
			fmt.Fprintf(b, `\x%02x`, c)
		case c < 0x10000:
			fmt.Fprintf(b, `\u%04x`, c)
		default:
			fmt.Fprintf(b, `\U%08x`, c)
		}
	}
	b.WriteRune(mark)
}

// jsonStyle are the parameters of Python's json.dumps.
type jsonStyle struct {
	item, key string // separators
	indent    string // of one level
	lines     bool   // each item has a line
	ascii     bool
	sorted    bool
}

// json writes what Python's json.dumps of a value is.
func (r *run) json(b *strings.Builder, v jinja.Value, s jsonStyle, depth int) {
	if !r.visit(depth) {
		return
	}
	switch {
	case v.IsNone():
		b.WriteString("null")
	case v.IsBool():
		b.WriteString(strconv.FormatBool(v.AsBool()))
	case v.IsInt():
		b.WriteString(strconv.FormatInt(v.AsInt(), 10))
	case v.IsFloat():
		switch f := v.AsFloat(); {
		case math.IsNaN(f):
			b.WriteString("NaN")
		case math.IsInf(f, 0):
			b.WriteString(map[bool]string{true: "Infinity", false: "-Infinity"}[f > 0])
		default:
			b.WriteString(floatText(f))
		}
	case v.IsString():
		r.look(v.AsString())
		jsonString(b, v.AsString(), s.ascii)
	case v.IsList() && !r.generators[v.AsList()]:
		items := v.AsList().Items
		r.jsonItems(b, '[', ']', len(items), s, depth, func(i int) { r.json(b, items[i], s, depth+1) })
	case v.IsDict() && !r.namespaces[v.AsDict()]:
		d := v.AsDict()
		keys := d.Keys
		if s.sorted {
			keys = sortedStrings(keys)
		}
		r.jsonItems(b, '{', '}', len(keys), s, depth, func(i int) {
			key := keyValue(keys[i])
			if !key.IsString() {
				key = jinja.NewString(jsonText(key))
			}
			jsonString(b, key.AsString(), s.ascii)
			b.WriteString(s.key)
			r.json(b, d.Data[keys[i]], s, depth+1)
		})
	default:
		r.fail("a value of type %s is not JSON", kindOf(v))
	}
	r.fits(b.Len())
}

// jsonText returns the JSON of a number, a bool or none.
func jsonText(v jinja.Value) string {
	var b strings.Builder
	r := run{steps: 1, bytes: maxSource}
	r.json(&b, v, jsonStyle{}, 0)
	return b.String()
}

// jsonItems writes the brackets and separators of n items.
func (r *run) jsonItems(b *strings.Builder, open, end byte, n int, s jsonStyle, depth int, write func(int)) {
	b.WriteByte(open)
	for i := range n {
		if !r.fits(b.Len() + len(s.item) + len(s.key)) {
			return
		}
		if i > 0 {
			b.WriteString(s.item)
		}
		if s.lines {
			r.newLine(b, s, depth+1)
		}
		write(i)
	}
	if s.lines && n > 0 {
		r.newLine(b, s, depth)
	}
	b.WriteByte(end)
}

func (r *run) newLine(b *strings.Builder, s jsonStyle, depth int) {
	if r.fits(b.Len() + depth*len(s.indent)) {
		b.WriteByte('\n')
		b.WriteString(strings.Repeat(s.indent, depth))
	}
}

func jsonString(b *strings.Builder, s string, ascii bool) {
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\b':
			b.WriteString(`\b`)
		case c == '\f':
			b.WriteString(`\f`)
		case c < 0x20 || ascii && c >= 0x7f && c < 0x10000:
			if c == 0x7f {
				b.WriteRune(c)
				continue
			}
			fmt.Fprintf(b, `\u%04x`, c)
		case ascii && c >= 0x10000:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
}

// kindOf returns the name of a value's Python type.
func kindOf(v jinja.Value) string {
	switch {
	case v.IsUndefined():
		return "Undefined"
	case v.IsNone():
		return "NoneType"
	case v.IsBool():
		return "bool"
	case v.IsInt():
		return "int"
	case v.IsFloat():
		return "float"
	case v.IsString():
		return "str"
	case v.IsList():
		return "list"
	case v.IsDict():
		return "dict"
	}
	return "function"
}

// equal reports whether two values are equal in Python.
func (r *run) equal(a, b jinja.Value, depth int) bool {
	if !r.visit(depth) {
		return false
	}
	x, aNumber := number(a)
	y, bNumber := number(b)
	switch {
	case aNumber && bNumber:
		if a.IsInt() && b.IsInt() {
			return a.AsInt() == b.AsInt()
		}
		return x == y
	case a.IsString() && b.IsString():
		return r.sameText(a.AsString(), b.AsString())
	case a.IsNone() || b.IsNone():
		return a.IsNone() && b.IsNone()
	case a.IsUndefined() || b.IsUndefined():
		return a.IsUndefined() && b.IsUndefined()
	case a.IsList() && b.IsList():
		x, y := a.AsList().Items, b.AsList().Items
		if len(x) != len(y) {
			return false
		}
		for i := range x {
			if !r.equal(x[i], y[i], depth+1) {
				return false
			}
		}
		return true
	case a.IsDict() && b.IsDict():
		x, y := a.AsDict(), b.AsDict()
		if x.Len() != y.Len() {
			return false
		}
		for _, key := range x.Keys {
			other, ok := y.Get(key)
			if !ok || !r.equal(x.Data[key], other, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

// number returns the value of a number; true is 1.
func number(v jinja.Value) (float64, bool) {
	switch {
	case v.IsInt():
		return float64(v.AsInt()), true
	case v.IsFloat():
		return v.AsFloat(), true
	case v.IsBool():
		if v.AsBool() {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// integer returns the value of an int or a bool.
func integer(v jinja.Value) (int64, bool) {
	switch {
	case v.IsInt():
		return v.AsInt(), true
	case v.IsBool():
		f, _ := number(v)
		return int64(f), true
	}
	return 0, false
}

// order compares two values as Python's < does; it fails for types that have no order.
func (r *run) order(a, b jinja.Value, depth int) int {
	if !r.visit(depth) {
		return 0
	}
	x, aNumber := number(a)
	y, bNumber := number(b)
	switch {
	case a.IsInt() && b.IsInt():
		return compare(a.AsInt(), b.AsInt())
	case aNumber && bNumber:
		return compare(x, y)
	case a.IsString() && b.IsString():
		r.look(a.AsString(), b.AsString())
		r.spend(1, min(len(a.AsString()), len(b.AsString()))/8)
		return strings.Compare(a.AsString(), b.AsString())
	case a.IsList() && b.IsList():
		x, y := a.AsList().Items, b.AsList().Items
		for i := range min(len(x), len(y)) {
			if c := r.order(x[i], y[i], depth+1); c != 0 {
				return c
			}
		}
		return compare(len(x), len(y))
	}
	r.fail("cannot order %s and %s", kindOf(a), kindOf(b))
	return 0
}

func compare[T int | int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
