package main

import (
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// isa is a vector instruction set.
type isa struct {
	name     string // in file names
	suffix   string // of function names
	lanes    int    // float32 in a vector
	rows     int    // of the tallest register tile, with 2 vectors a row
	wideRows int    // of the tallest register tile with 4 vectors a row
}

var (
	avx512 = isa{"avx512", "AVX512", 16, 14, 4}
	avx2   = isa{"avx2", "AVX2", 8, 6, 2}
)

func (w isa) bytes() int { return 4 * w.lanes }

// vec returns a new vector register.
func (g *generator) vec() VecVirtual {
	if g.lanes == 16 {
		return g.ZMM()
	}
	return g.YMM()
}

// zero clears a vector register.
func (g *generator) zero(v Register) {
	if g.lanes == 16 {
		g.VPXORD(v, v, v)
		return
	}
	g.VXORPS(v, v, v)
}

// firstLanes returns the mask of the first n lanes, 0 ≤ n ≤ lanes: an opmask register, or a vector
// whose sign bits are the mask.
func (g *generator) firstLanes(n GPVirtual) Register {
	if g.lanes == 16 {
		bits, k := g.GP32(), g.K()
		g.MOVL(I32(-1), bits)
		g.BZHIL(n.As32(), bits, bits)
		g.KMOVW(bits, k)
		return k
	}
	table, at, m := g.GP64(), g.GP64(), g.YMM()
	g.LEAQ(NewDataAddr(Symbol{Name: "·laneMasks"}, 0), table)
	g.MOVQ(U32(16), at)
	g.SUBQ(n, at)
	g.VMOVUPS(Mem{Base: table, Index: at, Scale: 4}, m)
	return m
}

// load reads a vector. Under a mask it clears the other lanes and does not touch their memory.
func (g *generator) load(from Mem, mask, to Register) {
	switch {
	case mask == nil:
		g.VMOVUPS(from, to)
	case g.lanes == 16:
		g.VMOVUPS_Z(from, mask, to)
	default:
		g.VMASKMOVPS(from, mask, to)
	}
}

// store writes a vector, or the lanes of the mask if it is not nil.
func (g *generator) store(v, mask Register, to Mem) {
	switch {
	case mask == nil:
		g.VMOVUPS(v, to)
	case g.lanes == 16:
		g.VMOVUPS(v, mask, to)
	default:
		g.VMASKMOVPS(v, mask, to)
	}
}
