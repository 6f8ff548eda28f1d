package main

import (
	. "github.com/mmcloughlin/avo/operand"
)

// exponentials writes loops around exp.
func exponentials(g *generator) {
	g.function("exp", "func(n int, y, x *float32)", "sets y to exp(x).")
	n, p, e := g.count(), g.pointers("y", "x"), g.newExp()
	g.loop(n, p, func(m mask) {
		g.write(e.of(g.read(p[1], m)), p[0], m)
	})
	g.end()

	g.function("expSum", "func(n int, y, x *float32, shift float32) (sum float32)", "sets y to exp(x - shift) and returns its sum.")
	n, p, e = g.count(), g.pointers("y", "x"), g.newExp()
	shift, sum := g.argument32("shift"), g.wide()
	g.clear(sum)
	g.loop(n, p, func(m mask) {
		x := g.read(p[1], m)
		g.sub(x, shift, x)
		y := e.of(x)
		g.write(y, p[0], m)
		g.only(m, y)
		g.add(sum, y, sum)
	})
	g.result("sum", g.fold(sum, g.VADDPS))
	g.end()

	g.sigmoids()
}

// exp computes exponentials within about 1 unit in the last place: x = i·ln 2 + r with |r| ≤ ln
// 2/2, exp(r) by the polynomial of the Cephes library (S. L. Moshier, expf), times 2ⁱ.
type exp struct {
	*generator
	low, high wide // limits beyond which the result is 0 or +Inf
}

func (g *generator) newExp() exp {
	return exp{g, g.broadcast(g.number(-104).at), g.broadcast(g.number(89).at)}
}

// of returns exp(x); x is overwritten. NaN stays NaN.
func (e exp) of(x wide) wide {
	e.max(e.low, x, x)
	e.min(e.high, x, x)
	i, p := e.wide(), e.wide()
	e.mul(x, e.number(1.44269504088896341), i)
	e.round(i, i)
	e.fnma(i, e.number(0.693145751953125), x) // the high bits of ln 2
	e.fnma(i, e.number(1.428606765330187e-06), x)
	e.set(e.number(1.9875691500e-4), p)
	for _, c := range []float64{1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1} {
		e.horner(x, e.number(c), p)
	}
	e.mul(p, x, p)
	e.horner(x, x, p)
	e.add(p, e.number(1), p)
	e.timesPowerOf2(p, i)
	return p
}

// timesPowerOf2 multiplies p by 2ⁱ, rounding once, for -150 ≤ i ≤ 128; i is overwritten.
func (e exp) timesPowerOf2(p, i wide) {
	for j := range p {
		if e.lanes == 16 {
			e.VSCALEFPS(i[j], p[j], p[j])
			continue
		}
		// In two factors, which are both normal numbers.
		half := e.YMM()
		e.VCVTPS2DQ(i[j], i[j])
		e.VPSRAD(Imm(1), i[j], half)
		e.VPSUBD(half, i[j], i[j])
		bias := e.bits(127).at
		for _, f := range []Op{half, i[j]} {
			e.VPADDD(bias, f, f)
			e.VPSLLD(Imm(23), f, f)
			e.VMULPS(f, p[j], p[j])
		}
	}
}

// sigmoids writes the activations that are x times a logistic function, and their derivatives times
// d.
func (g *generator) sigmoids() {
	for _, f := range []struct {
		name string
		// minus writes minus the argument a(x) of the logistic function and, if slope is set,
		// x·a'(x).
		minus func(x wide, slope bool) (w, s wide)
	}{
		{"silu", g.minusX},
		{"gelu", g.minusGELU},
	} {
		g.function(f.name, "func(n int, y, x *float32)", "sets y to the activation of x.")
		n, p, e := g.count(), g.pointers("y", "x"), g.newExp()
		g.loop(n, p, func(m mask) {
			x := g.read(p[1], m)
			w, _ := f.minus(x, false)
			w = e.of(w)
			g.add(w, g.number(1), w)
			g.div(x, w, x)
			g.write(x, p[0], m)
		})
		g.end()

		// With s the logistic function of a(x), (x·s)' = s + s·(1-s)·x·a'(x).
		g.function(f.name+"Backward", "func(n int, d, x *float32)", "multiplies d by the derivative of the activation at x.")
		n, p, e = g.count(), g.pointers("d", "x"), g.newExp()
		g.loop(n, p, func(m mask) {
			w, slope := f.minus(g.read(p[1], m), true)
			w = e.of(w)
			one, s := same(g.vec()), g.wide()
			g.set(g.number(1), one[:1])
			g.add(w, one, w)
			g.div(one, w, s)
			g.sub(one, s, w)
			g.mul(slope, w, slope)
			g.mul(slope, s, slope)
			g.add(slope, s, s)
			d := g.read(p[0], m)
			g.mul(d, s, d)
			g.write(d, p[0], m)
		})
		g.end()
	}
}

// minusX is minus for SiLU, whose argument is x.
func (g *generator) minusX(x wide, slope bool) (w, s wide) {
	w = g.wide()
	g.clear(w)
	g.sub(w, x, w)
	return w, x
}

// minusGELU is minus for GELU in its form with tanh, 2·√(2/π)·(x + 0.044715·x³). The square is
// bounded, so that 0 times it is 0; beyond the bound the logistic function is 0 or 1.
func (g *generator) minusGELU(x wide, slope bool) (w, s wide) {
	const k0, k1 = 1.5957691216057308, 1.5957691216057308 * 0.044715
	square, bound := g.wide(), g.broadcast(g.number(1e6).at)
	g.mul(x, x, square)
	g.min(bound, square, square)
	w = g.wide()
	g.set(g.number(-k0), w)
	g.fma(square, g.number(-k1), w)
	g.mul(w, x, w)
	if slope {
		s = g.wide()
		g.set(g.number(k0), s)
		g.fma(square, g.number(3*k1), s)
		g.mul(s, x, s)
	}
	return w, s
}
