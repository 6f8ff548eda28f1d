package chattemplate

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/ardanlabs/jinja"
)

// fold applies an operator of two operands from the left.
func (r *run) fold(operands []jinja.Value, f func(*run, jinja.Value, jinja.Value) jinja.Value) jinja.Value {
	x := operands[0]
	for _, y := range operands[1:] {
		if x = f(r, x, y); r.err != nil {
			return jinja.Undefined()
		}
	}
	return x
}

// add is +.
func (r *run) add(a, b jinja.Value) jinja.Value {
	switch {
	case a.IsString() && b.IsString():
		if !r.fits(len(a.AsString()) + len(b.AsString())) {
			return a
		}
		return r.text(a.AsString() + b.AsString())
	case a.IsList() && b.IsList() && !r.generators[a.AsList()] && !r.generators[b.AsList()]:
		x, y := a.AsList().Items, b.AsList().Items
		if !r.spend(len(x)+len(y), 0) {
			return a
		}
		return r.list(append(append(make([]jinja.Value, 0, len(x)+len(y)), x...), y...))
	}
	return arithmetic("+")(r, a, b)
}

// multiply is *; a string or a list is repeated.
func (r *run) multiply(a, b jinja.Value) jinja.Value {
	if _, ok := integer(a); ok && (b.IsString() || b.IsList()) {
		a, b = b, a
	}
	n, ok := integer(b)
	n = max(n, 0)
	switch {
	case ok && a.IsString():
		if s := a.AsString(); s == "" || r.repeatable(len(s), n) {
			return r.text(strings.Repeat(s, map[bool]int{true: int(n)}[s != ""]))
		}
		return a
	case ok && a.IsList() && !r.generators[a.AsList()]:
		items := a.AsList().Items
		if len(items) == 0 || !r.repeatable(24*len(items), n) || !r.spend(len(items)*int(n), 0) {
			return a
		}
		var all []jinja.Value
		for range n {
			all = append(all, items...)
		}
		return r.list(all)
	}
	return arithmetic("*")(r, a, b)
}

// repeatable reports whether n times size bytes may be written.
func (r *run) repeatable(size int, n int64) bool {
	if n > maxOutput/int64(size) {
		r.fail("%w: too much text", ErrLimit)
		return false
	}
	return r.fits(size * int(n))
}

// modulo is %, of numbers or of a format and its values.
func (r *run) modulo(a, b jinja.Value) jinja.Value {
	if !a.IsString() {
		return arithmetic("%")(r, a, b)
	}
	items := []jinja.Value{b}
	if b.IsList() {
		items = b.AsList().Items
	}
	return r.printf(a.AsString(), items)
}

// printf formats values as Python's % does, for the verbs s, d and r without a width.
func (r *run) printf(format string, items []jinja.Value) jinja.Value {
	var b strings.Builder
	r.look(format)
	for i := 0; i < len(format) && r.fits(b.Len()); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		i++
		verb := format[min(i, len(format)-1)]
		if i < len(format) && verb == '%' {
			b.WriteByte('%')
			continue
		}
		if i == len(format) || len(items) == 0 || strings.IndexByte("sdr", verb) < 0 {
			r.fail("cannot format with %.40q: want %%s, %%d or %%r and a value for each", format)
			return jinja.Undefined()
		}
		v := items[0]
		items = items[1:]
		switch n, ok := number(v); {
		case verb == 'd' && !ok:
			r.fail("cannot format a %s with %%d", kindOf(v))
		case verb == 'd':
			fmt.Fprintf(&b, "%.0f", math.Trunc(n))
		case verb == 'r':
			r.repr(&b, v, 0)
		default:
			b.WriteString(r.show(v))
		}
	}
	if len(items) > 0 {
		r.fail("more values than verbs in the format %.40q", format)
	}
	return r.text(b.String())
}

// arithmetic returns an operator of numbers.
func arithmetic(operator string) func(*run, jinja.Value, jinja.Value) jinja.Value {
	return func(r *run, a, b jinja.Value) jinja.Value {
		x, aNumber := number(a)
		y, bNumber := number(b)
		i, aInteger := integer(a)
		j, bInteger := integer(b)
		if !aNumber || !bNumber {
			r.fail("cannot compute %s %s %s", kindOf(a), operator, kindOf(b))
			return jinja.Undefined()
		}
		if y == 0 && strings.ContainsAny(operator, "/%") {
			r.fail("division by zero")
			return jinja.Undefined()
		}
		if aInteger && bInteger && operator != "/" && (operator != "**" || j >= 0) {
			return r.integers(operator, i, j)
		}
		switch operator {
		case "+":
			return jinja.NewFloat(x + y)
		case "-":
			return jinja.NewFloat(x - y)
		case "*":
			return jinja.NewFloat(x * y)
		case "/":
			return jinja.NewFloat(x / y)
		case "//":
			return jinja.NewFloat(math.Floor(x / y))
		case "%":
			return jinja.NewFloat(x - y*math.Floor(x/y))
		}
		return jinja.NewFloat(math.Pow(x, y))
	}
}

// integers computes with integers; a result that does not fit 64 bits is an error.
func (r *run) integers(operator string, i, j int64) jinja.Value {
	x, y, z := big.NewInt(i), big.NewInt(j), new(big.Int)
	switch operator {
	case "+":
		z.Add(x, y)
	case "-":
		z.Sub(x, y)
	case "*":
		z.Mul(x, y)
	case "//", "%": // Python rounds down
		m := new(big.Int)
		z.QuoRem(x, y, m)
		if m.Sign() != 0 && m.Sign() != y.Sign() {
			z.Sub(z, big.NewInt(1))
			m.Add(m, y)
		}
		if operator == "%" {
			z = m
		}
	case "**":
		if j > 64 && i != 0 && i != 1 && i != -1 {
			r.fail("%d ** %d does not fit 64 bits", i, j)
			return jinja.Undefined()
		}
		z.Exp(x, big.NewInt(min(j, 64+j%2)), nil)
	}
	if !z.IsInt64() {
		r.fail("%d %s %d does not fit 64 bits", i, operator, j)
		return jinja.Undefined()
	}
	return jinja.NewInt(z.Int64())
}

func (r *run) negative(v values) jinja.Value {
	return arithmetic("-")(r, jinja.NewInt(0), v.list[0])
}

func (r *run) positive(v values) jinja.Value {
	return arithmetic("+")(r, jinja.NewInt(0), v.list[0])
}

// concat is ~.
func (r *run) concat(v values) jinja.Value {
	parts := make([]string, len(v.list))
	for i, x := range v.list {
		parts[i] = r.show(x)
	}
	return r.joined(parts, "")
}
