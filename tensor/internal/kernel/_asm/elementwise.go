package main

// elementwise writes loops that process each element separately.
func elementwise(g *generator) {
	g.function("add", "func(n int, y, x *float32)", "adds x to y.")
	n, p := g.count(), g.pointers("y", "x")
	g.loop(n, p, func(m mask) {
		y, x := g.read(p[0], m), g.read(p[1], m)
		g.add(y, x, y)
		g.write(y, p[0], m)
	})
	g.end()

	g.function("mul", "func(n int, y, x *float32)", "multiplies y by x.")
	n, p = g.count(), g.pointers("y", "x")
	g.loop(n, p, func(m mask) {
		y, x := g.read(p[0], m), g.read(p[1], m)
		g.mul(y, x, y)
		g.write(y, p[0], m)
	})
	g.end()

	g.function("scale", "func(n int, y *float32, alpha float32)", "multiplies y by alpha.")
	n, p = g.count(), g.pointers("y")
	alpha := g.argument32("alpha")
	g.loop(n, p, func(m mask) {
		y := g.read(p[0], m)
		g.mul(y, alpha, y)
		g.write(y, p[0], m)
	})
	g.end()

	g.function("shift", "func(n int, y, x *float32, alpha float32)", "sets y to x + alpha.")
	n, p = g.count(), g.pointers("y", "x")
	alpha = g.argument32("alpha")
	g.loop(n, p, func(m mask) {
		x := g.read(p[1], m)
		g.add(x, alpha, x)
		g.write(x, p[0], m)
	})
	g.end()

	g.function("axpy", "func(n int, y, x *float32, alpha float32)", "adds alpha·x to y.")
	n, p = g.count(), g.pointers("y", "x")
	alpha = g.argument32("alpha")
	g.loop(n, p, func(m mask) {
		y, x := g.read(p[0], m), g.read(p[1], m)
		g.fma(alpha, x, y)
		g.write(y, p[0], m)
	})
	g.end()

	g.rectified()
	g.rotary()
	g.adam()
}

func (g *generator) rectified() {
	g.function("addReLU", "func(n int, y, a, b *float32)", "sets y to max(a + b, 0).")
	n, p := g.count(), g.pointers("y", "a", "b")
	zero := same(g.vec())
	g.zero(zero[0])
	g.loop(n, p, func(m mask) {
		a, b := g.read(p[1], m), g.read(p[2], m)
		g.add(a, b, a)
		g.max(zero, a, a)
		g.write(a, p[0], m)
	})
	g.end()

	g.function("reluBackward", "func(n int, d, y *float32)", "clears d where y ≤ 0.")
	n, p = g.count(), g.pointers("d", "y")
	zero = same(g.vec())
	g.zero(zero[0])
	g.loop(n, p, func(m mask) {
		d, y := g.read(p[0], m), g.read(p[1], m)
		g.keepIf(notLessOrEqual, y, zero, d)
		g.write(d, p[0], m)
	})
	g.end()
}

func (g *generator) rotary() {
	g.function("rotate", "func(n int, a, b, cos, sin *float32)", "rotates the points (a, b).")
	n, p := g.count(), g.pointers("a", "b", "cos", "sin")
	g.loop(n, p, func(m mask) {
		a, b, cos, sin := g.read(p[0], m), g.read(p[1], m), g.read(p[2], m), g.read(p[3], m)
		x := g.wide()
		g.mul(a, cos, x)
		g.fnma(b, sin, x)
		g.write(x, p[0], m)
		g.mul(b, cos, b)
		g.fma(a, sin, b)
		g.write(b, p[1], m)
	})
	g.end()
}

func (g *generator) adam() {
	g.function("adam", "func(n int, p, d, m, v *float32, beta1, rest1, beta2, rest2, rate, epsilon, keep float32)",
		"does one step of Adam; rest is 1 - beta and keep is 1 less the decay.")
	g.span = g.lanes // the scalars fill half of the registers of AVX2
	n, p := g.count(), g.pointers("p", "d", "m", "v")
	beta1, rest1, beta2, rest2 := g.argument32("beta1"), g.argument32("rest1"), g.argument32("beta2"), g.argument32("rest2")
	rate, epsilon, keep := g.argument32("rate"), g.argument32("epsilon"), g.argument32("keep")
	g.loop(n, p, func(mk mask) {
		d, m, v, w := g.read(p[1], mk), g.read(p[2], mk), g.read(p[3], mk), g.read(p[0], mk)
		g.mul(m, beta1, m)
		g.fma(rest1, d, m)
		g.write(m, p[2], mk)
		g.mul(d, d, d)
		g.mul(v, beta2, v)
		g.fma(rest2, d, v)
		g.write(v, p[3], mk)
		g.sqrt(v, v)
		g.add(v, epsilon, v)
		g.mul(m, rate, m)
		g.div(m, v, m)
		g.mul(w, keep, w)
		g.sub(w, m, w)
		g.write(w, p[0], mk)
	})
	g.end()
}
