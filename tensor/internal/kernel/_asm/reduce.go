package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// reductions writes sums, products and extremes of slices.
func reductions(g *generator) {
	g.function("sum", "func(n int, x *float32) (sum float32)", "returns the sum of x.")
	n, p, s := g.count(), g.pointers("x"), g.sums()
	g.reduce(n, p, func(i int, m mask) {
		g.add(s[i], g.readAt(p[0], i, m), s[i])
	})
	g.result("sum", g.total(s))
	g.end()

	g.function("dot", "func(n int, x, y *float32) (sum float32)", "returns the sum of x·y.")
	n, p, s = g.count(), g.pointers("x", "y"), g.sums()
	g.reduce(n, p, func(i int, m mask) {
		g.fma(g.readAt(p[0], i, m), g.readAt(p[1], i, m), s[i])
	})
	g.result("sum", g.total(s))
	g.end()

	g.function("squares", "func(n int, x *float32, mean float32) (sum float32)", "returns the sum of (x - mean)².")
	n, p = g.count(), g.pointers("x")
	mean := g.argument32("mean")
	s = g.sums()
	g.reduce(n, p, func(i int, m mask) {
		x := g.readAt(p[0], i, m)
		g.sub(x, mean, x)
		g.only(m, x)
		g.fma(x, x, s[i])
	})
	g.result("sum", g.total(s))
	g.end()

	g.maximum()
	g.less()
}

// sums returns cleared partial sums.
func (g *generator) sums() []wide {
	s := make([]wide, partials)
	for i := range s {
		s[i] = g.wide()
		g.clear(s[i])
	}
	return s
}

// total adds partial sums in pairs, and then adds the lanes.
func (g *generator) total(s []wide) Register {
	g.add(s[0], s[1], s[0])
	g.add(s[2], s[3], s[2])
	g.add(s[0], s[2], s[0])
	return g.fold(s[0], g.VADDPS)
}

func (g *generator) maximum() {
	g.function("maximum", "func(n int, x *float32) (most float32)", "returns the largest of x, NaN if one is.")
	n, p := g.count(), g.pointers("x")
	low, most, nan := g.broadcast(g.bits(0xff800000).at), make([]wide, 2), g.wide() // -Inf
	for i := range most {
		most[i] = g.wide()
		g.copy(low, most[i])
	}
	g.clear(nan)
	g.reduce(n, p, func(i int, m mask) {
		x := g.readOr(p[0], i, m, low)
		g.max(x, most[i%2], most[i%2])
		g.markNaN(x, nan)
	})
	g.max(most[0], most[1], most[0])
	v := g.fold(most[0], g.VMAXPS)
	// A marked lane is all ones, which is a NaN: OR with it makes a NaN.
	g.VORPS(v, g.fold(nan, g.VORPS), v)
	g.result("most", v)
	g.end()
}

// less counts in float32, which is exact for up to 2²⁴ elements.
func (g *generator) less() {
	g.function("less", "func(n int, x *float32, than float32) (count float32)", "returns the number of elements of x that are less than a number.")
	n, p := g.count(), g.pointers("x")
	than, one, s := g.argument32("than"), g.broadcast(g.number(1).at), g.sums()
	g.reduce(n, p, func(i int, m mask) {
		x := g.readOr(p[0], i, m, than)
		g.addLess(x, than, one, s[i])
	})
	g.result("count", g.total(s))
	g.end()
}

// addLess adds step to the lanes of sum in which a is less than b.
func (g *generator) addLess(a, b, step, sum wide) {
	const lessThan = 1
	for i := range sum {
		if g.lanes == 16 {
			k := g.K()
			g.VCMPPS(Imm(lessThan), b[i], a[i], k)
			g.VADDPS(step[i], sum[i], k, sum[i])
			continue
		}
		m := g.YMM()
		g.VCMPPS(Imm(lessThan), b[i], a[i], m)
		g.VANDPS(step[i], m, m)
		g.VADDPS(m, sum[i], sum[i])
	}
}

// markNaN sets all bits of the lanes of marks in which x is NaN.
func (g *generator) markNaN(x, marks wide) {
	const unordered = 3
	for i := range x {
		if g.lanes == 16 {
			k := g.K()
			g.VCMPPS(Imm(unordered), x[i], x[i], k)
			g.VPTERNLOGD(Imm(0xff), marks[i], marks[i], k, marks[i])
			continue
		}
		m := g.YMM()
		g.VCMPPS(Imm(unordered), x[i], x[i], m)
		g.VORPS(m, marks[i], marks[i])
	}
}
