package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rows writes the product of a row of op(A) as a sum of whole rows of op(B), which are read in the
// order of memory. Each element is the chain of fused multiply-adds of a tile.
func rows(g *generator) {
	g.function("addRowProducts", "func(n int, y, b *float32, bStep int, a *float32, aStep, k int)",
		"adds a[l]·b[l] to y for k rows b of n elements, in their order. Steps are in bytes.")
	load := func(name string) GPVirtual { return g.Load(g.Param(name), g.GP64()).(GPVirtual) }
	columns, rows := g.count(), g.pointers("y", "b")
	bStep, a, aStep, k := load("bStep"), load("a"), load("aStep"), load("k")
	n, y, b := g.GP64(), pointer{g.GP64(), 4}, pointer{g.GP64(), 4}
	g.Label("row")
	factor := g.broadcast(Mem{Base: a})
	g.MOVQ(columns, n)
	g.MOVQ(rows[0].GPVirtual, y.GPVirtual)
	g.MOVQ(rows[1].GPVirtual, b.GPVirtual)
	g.loop(n, []pointer{y, b}, func(m mask) {
		sum := g.read(y, m)
		g.fma(factor, g.read(b, m), sum)
		g.write(sum, y, m)
	})
	g.ADDQ(aStep, a)
	g.ADDQ(bStep, rows[1].GPVirtual)
	g.DECQ(k)
	g.JNZ(LabelRef("row"))
	g.end()
}
