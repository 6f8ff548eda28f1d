package main

import (
	"math"

	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// wideLanes is the number of float32 that a loop over slices processes at a time: one register of
// AVX-512, two of AVX2. So sums have the same partial sums, and the same bits, in both.
const wideLanes = 16

// wide is wideLanes float32, or as many as the span of the function.
type wide []Register

// mask selects the lanes of a wide; nil is all of them.
type mask []Register

// constant is a number in the table of the file, or a scalar in a register or an argument.
type constant struct{ at Mem }

func (g *generator) wide() wide {
	w := make(wide, g.span/g.lanes)
	for i := range w {
		w[i] = g.vec()
	}
	return w
}

// number returns a constant of the table.
func (g *generator) number(x float64) constant {
	return g.bits(math.Float32bits(float32(x)))
}

// bits returns a constant by its bits. AVX2 has no operands that are broadcast while they are read,
// so the table has each constant eight times.
func (g *generator) bits(b uint32) constant {
	if g.table == nil {
		g.table = map[uint32]int{}
		g.tableAt = g.StaticGlobal("numbers" + g.suffix)
		g.DataAttributes(build.RODATA | build.NOPTR)
	}
	at, ok := g.table[b]
	if !ok {
		at = 32 * len(g.table)
		g.table[b] = at
		for i := range 8 {
			g.AddDatum(at+4*i, U32(b))
		}
	}
	return constant{g.tableAt.Offset(at)}
}

// broadcast returns a constant or a float32 argument in every lane. The halves of a wide share the
// register.
func (g *generator) broadcast(from Mem) wide {
	v := g.vec()
	g.VBROADCASTSS(from, v)
	return same(v)
}

func same(v Register) wide { return wide{v, v} }

// argument32 returns a float32 parameter in every lane.
func (g *generator) argument32(name string) wide {
	p, err := g.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return g.broadcast(p.Addr)
}

type instruction func(...Op)

// op writes an instruction with two sources; b may be a constant. dst = a op b.
func (g *generator) op(plain, bcst instruction, a wide, b any, dst wide) {
	for i := range g.span / g.lanes {
		switch b := b.(type) {
		case wide:
			plain(b[i], a[i], dst[i])
		case constant:
			if g.lanes == 16 {
				bcst(b.at, a[i], dst[i])
			} else {
				plain(b.at, a[i], dst[i])
			}
		}
	}
}

func (g *generator) add(a wide, b any, dst wide) { g.op(g.VADDPS, g.VADDPS_BCST, a, b, dst) }
func (g *generator) sub(a wide, b any, dst wide) { g.op(g.VSUBPS, g.VSUBPS_BCST, a, b, dst) }
func (g *generator) mul(a wide, b any, dst wide) { g.op(g.VMULPS, g.VMULPS_BCST, a, b, dst) }
func (g *generator) div(a wide, b any, dst wide) { g.op(g.VDIVPS, g.VDIVPS_BCST, a, b, dst) }

// max and min give b if a or b is NaN.
func (g *generator) max(a wide, b any, dst wide) { g.op(g.VMAXPS, g.VMAXPS_BCST, a, b, dst) }
func (g *generator) min(a wide, b any, dst wide) { g.op(g.VMINPS, g.VMINPS_BCST, a, b, dst) }

// fma adds a·b to dst, fnma subtracts it, both with one rounding.
func (g *generator) fma(a wide, b any, dst wide) {
	g.op(g.VFMADD231PS, g.VFMADD231PS_BCST, a, b, dst)
}
func (g *generator) fnma(a wide, b any, dst wide) {
	g.op(g.VFNMADD231PS, g.VFNMADD231PS_BCST, a, b, dst)
}

// horner replaces dst by dst·a + b with one rounding.
func (g *generator) horner(a wide, b any, dst wide) {
	g.op(g.VFMADD213PS, g.VFMADD213PS_BCST, a, b, dst)
}

func (g *generator) sqrt(a, dst wide) {
	for i := range dst {
		g.VSQRTPS(a[i], dst[i])
	}
}

func (g *generator) copy(a, dst wide) {
	for i := range dst {
		g.VMOVAPS(a[i], dst[i])
	}
}

// set fills a wide with a constant.
func (g *generator) set(c constant, dst wide) {
	for i := range dst {
		g.VBROADCASTSS(c.at, dst[i])
	}
}

func (g *generator) clear(w wide) {
	for _, v := range w {
		g.zero(v)
	}
}

// round rounds to the nearest integer, ties to even.
func (g *generator) round(a, dst wide) {
	for i := range dst {
		if g.lanes == 16 {
			g.VRNDSCALEPS(Imm(8), a[i], dst[i])
		} else {
			g.VROUNDPS(Imm(8), a[i], dst[i])
		}
	}
}

// Predicates of comparison (Intel SDM, CMPPS).
const notLessOrEqual = 6 // a > b, or either is NaN

// keepIf clears the lanes of v in which the comparison of a with b is false.
func (g *generator) keepIf(predicate uint64, a, b, v wide) {
	for i := range v {
		if g.lanes == 16 {
			k := g.K()
			g.VCMPPS(Imm(predicate), b[i], a[i], k)
			g.VMOVAPS_Z(v[i], k, v[i])
			continue
		}
		m := g.YMM()
		g.VCMPPS(Imm(predicate), b[i], a[i], m)
		g.VANDPS(v[i], m, v[i])
	}
}

// read loads a wide, or the lanes of the mask, and clears the others.
func (g *generator) read(p pointer, m mask) wide { return g.readAt(p, 0, m) }

// readAt loads the i-th wide from a pointer.
func (g *generator) readAt(p pointer, i int, m mask) wide {
	w := g.wide()
	for j, v := range w {
		g.load(Mem{Base: p.GPVirtual, Disp: 4*g.span*i + g.bytes()*j}, m.at(j), v)
	}
	return w
}

// readOr loads a wide; the lanes outside the mask are those of fill.
func (g *generator) readOr(p pointer, i int, m mask, fill wide) wide {
	w := g.readAt(p, i, m)
	if m == nil {
		return w
	}
	for j := range w {
		if g.lanes == 16 {
			g.VBLENDMPS(w[j], fill[j], m[j], w[j])
		} else {
			g.VBLENDVPS(m[j], w[j], fill[j], w[j])
		}
	}
	return w
}

// only clears the lanes outside of the mask.
func (g *generator) only(m mask, w wide) {
	for j := range m {
		if g.lanes == 16 {
			g.VMOVAPS_Z(w[j], m[j], w[j])
		} else {
			g.VANDPS(w[j], m[j], w[j])
		}
	}
}

func (g *generator) write(w wide, p pointer, m mask) {
	for i := range g.span / g.lanes {
		g.store(w[i], m.at(i), Mem{Base: p.GPVirtual, Disp: i * g.bytes()})
	}
}

func (m mask) at(i int) Register {
	if m == nil {
		return nil
	}
	return m[i]
}

// firstOfWide returns the mask of the first n lanes, 0 < n < span.
func (g *generator) firstOfWide(n GPVirtual) mask {
	if g.lanes == g.span {
		return mask{g.firstLanes(n)}
	}
	table, at := g.GP64(), g.GP64()
	g.LEAQ(NewDataAddr(Symbol{Name: "·laneMasks"}, 0), table)
	g.MOVQ(U32(wideLanes), at)
	g.SUBQ(n, at)
	m := mask{g.YMM(), g.YMM()}
	for i := range m {
		g.VMOVUPS(Mem{Base: table, Index: at, Scale: 4, Disp: 32 * i}, m[i])
	}
	return m
}

// pointer is an argument that a loop advances, and the size of its elements.
type pointer struct {
	GPVirtual
	size int
}

// pointers loads pointers to float32.
func (g *generator) pointers(names ...string) []pointer {
	var p []pointer
	for _, name := range names {
		p = append(p, pointer{g.Load(g.Param(name), g.GP64()).(GPVirtual), 4})
	}
	return p
}

// loop writes a loop over the elements of slices, first a wide at a time, then the rest under a
// mask.
func (g *generator) loop(n GPVirtual, p []pointer, body func(m mask)) {
	g.SUBQ(Imm(uint64(g.span)), n)
	g.JLT(LabelRef("rest"))
	g.Label("next")
	body(nil)
	g.advance(p, g.span)
	g.SUBQ(Imm(uint64(g.span)), n)
	g.JGE(LabelRef("next"))
	g.Label("rest")
	g.ADDQ(Imm(uint64(g.span)), n)
	g.JZ(LabelRef("done"))
	body(g.firstOfWide(n))
	g.Label("done")
}

func (g *generator) advance(p []pointer, elements int) {
	for _, q := range p {
		g.ADDQ(U32(uint32(elements*q.size)), q.GPVirtual)
	}
}

// partials is the number of independent sums of a reduction; a single sum would wait for itself.
const partials = 4

// reduce writes a loop that processes partials wides at a time, then one, then the rest under a
// mask. The last two use the first of the sums.
func (g *generator) reduce(n GPVirtual, p []pointer, body func(i int, m mask)) {
	g.SUBQ(Imm(partials*wideLanes), n)
	g.JLT(LabelRef("few"))
	g.Label("many")
	for i := range partials {
		body(i, nil)
	}
	g.advance(p, partials*wideLanes)
	g.SUBQ(Imm(partials*wideLanes), n)
	g.JGE(LabelRef("many"))
	g.Label("few")
	g.ADDQ(Imm(partials*wideLanes), n)
	g.loop(n, p, func(m mask) { body(0, m) })
}

// count loads the number of elements, >= 1.
func (g *generator) count() GPVirtual { return g.Load(g.Param("n"), g.GP64()).(GPVirtual) }

// end returns from a function without results.
func (g *generator) end() {
	g.VZEROUPPER()
	g.RET()
}

// result stores lane 0 to a result.
func (g *generator) result(name string, v Register) {
	r, err := g.Return(name).Resolve()
	if err != nil {
		panic(err)
	}
	g.VMOVSS(v, r.Addr)
}

// fold combines the lanes of a wide into lane 0: 16, 8, 4, 2, 1.
func (g *generator) fold(w wide, combine instruction) Register {
	low, high := w[0], Register(nil)
	if g.lanes == 16 {
		low, high = g.YMM(), g.YMM()
		g.VEXTRACTF32X8(Imm(1), w[0], high)
		g.VEXTRACTF32X8(Imm(0), w[0], low)
	} else {
		high = w[1]
	}
	eight := g.YMM()
	combine(high, low, eight)
	four, other := g.XMM(), g.XMM()
	g.VEXTRACTF128(Imm(1), eight, other)
	g.VEXTRACTF128(Imm(0), eight, four)
	combine(other, four, four)
	g.VPERMILPS(Imm(0b01_00_11_10), four, other)
	combine(other, four, four)
	g.VPERMILPS(Imm(0b10_11_00_01), four, other)
	combine(other, four, four)
	return four
}
