package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// packs writes the copies that put a panel of A or B in the order in which the tile kernels read
// it: step by step of k, with the elements of a step side by side.
func packs(g *generator) {
	for nv := 1; nv <= 2; nv++ {
		g.packCopy(nv)
	}
	g.packTranspose()
}

// packCopy writes the copy of a panel whose steps are rows in memory.
func (g *generator) packCopy(nv int) {
	g.function(fmt.Sprintf("packCopy%d", nv), "func(p *panel)",
		"copies p.steps rows; only p.lanes lanes of the last vector of a row are read, the others become zero.")
	g.argument("p")
	steps, from, fromRow := g.field("steps"), g.field("from"), g.field("fromRow")
	to, toRow := g.field("to"), g.field("toRow")
	mask := g.firstLanes(g.field("lanes"))
	g.Label("step")
	for j := range nv {
		m := Register(nil)
		if j == nv-1 {
			m = mask
		}
		v := g.vec()
		g.load(Mem{Base: from, Disp: j * g.bytes()}, m, v)
		g.store(v, nil, Mem{Base: to, Disp: j * g.bytes()})
	}
	g.ADDQ(fromRow, from)
	g.ADDQ(toRow, to)
	g.DECQ(steps)
	g.JNZ(LabelRef("step"))
	g.VZEROUPPER()
	g.RET()
}

// packTranspose writes the copy of a panel whose steps are columns in memory: squares of lanes ×
// lanes are transposed in registers.
func (g *generator) packTranspose() {
	g.function("packTranspose", "func(p *panel)",
		"transposes p.lanes rows of p.steps columns; the other lanes of the vectors that it writes become zero.")
	g.argument("p")
	steps, from, fromRow := g.field("steps"), g.field("from"), g.field("fromRow")
	to, toRow, lanes := g.field("to"), g.field("toRow"), g.field("lanes")

	g.Label("square")
	columns, most := g.GP64(), g.GP64()
	g.MOVQ(steps, columns)
	g.MOVQ(U32(uint32(g.lanes)), most)
	g.CMPQ(columns, most)
	g.CMOVQGT(most, columns)
	mask := g.firstLanes(columns)
	rows := g.loadRows(from, fromRow, lanes, mask)
	for i, v := range g.transpose(rows) {
		g.VMOVUPS(v, Mem{Base: to})
		g.ADDQ(toRow, to)
		if i < g.lanes-1 {
			g.CMPQ(columns, Imm(uint64(i+1)))
			g.JEQ(LabelRef("done"))
		}
	}
	g.ADDQ(Imm(uint64(g.bytes())), from)
	g.SUBQ(most, steps)
	g.JNZ(LabelRef("square"))
	g.Label("done")
	g.VZEROUPPER()
	g.RET()
}

// loadRows reads the masked lanes of n rows, and zeros for the other rows of a square. Its
// registers are fixed: a square and its transpose fill all registers.
func (g *generator) loadRows(from, stride, n GPVirtual, mask Register) []Register {
	at := g.GP64()
	g.MOVQ(from, at)
	rows := g.file()[:g.lanes]
	for _, r := range rows {
		g.zero(r)
	}
	for i, r := range rows {
		g.load(Mem{Base: at}, mask, r)
		if i < len(rows)-1 {
			g.CMPQ(n, Imm(uint64(i+1)))
			g.JEQ(LabelRef("loaded"))
			g.ADDQ(stride, at)
		}
	}
	g.Label("loaded")
	return rows
}

// transpose returns the columns of a square of vectors.
func (g *generator) transpose(r []Register) []Register {
	n := g.lanes
	free := g.file()[n:]
	// Pairs of rows, then pairs of pairs: blocks of 4 × 4 inside lanes of 128 bits.
	for i := 0; i < n; i += 2 {
		g.VUNPCKLPS(r[i+1], r[i], free[i])
		g.VUNPCKHPS(r[i+1], r[i], free[i+1])
	}
	for i := 0; i < n; i += 4 {
		g.VUNPCKLPD(free[i+2], free[i], r[i])
		g.VUNPCKHPD(free[i+2], free[i], r[i+1])
		g.VUNPCKLPD(free[i+3], free[i+1], r[i+2])
		g.VUNPCKHPD(free[i+3], free[i+1], r[i+3])
	}
	if n == 8 {
		for i := range 4 {
			g.VPERM2F128(Imm(0x20), r[4+i], r[i], free[i])
			g.VPERM2F128(Imm(0x31), r[4+i], r[i], free[4+i])
		}
		return free
	}
	for i := range 4 {
		v := free[4*i:]
		g.VSHUFF32X4(Imm(0x88), r[4+i], r[i], v[0])
		g.VSHUFF32X4(Imm(0xdd), r[4+i], r[i], v[1])
		g.VSHUFF32X4(Imm(0x88), r[12+i], r[8+i], v[2])
		g.VSHUFF32X4(Imm(0xdd), r[12+i], r[8+i], v[3])
		g.VSHUFF32X4(Imm(0x88), v[2], v[0], r[i])
		g.VSHUFF32X4(Imm(0xdd), v[2], v[0], r[8+i])
		g.VSHUFF32X4(Imm(0x88), v[3], v[1], r[4+i])
		g.VSHUFF32X4(Imm(0xdd), v[3], v[1], r[12+i])
	}
	return r
}

// file returns the registers of the instruction set's vector file.
func (w isa) file() []Register {
	if w.lanes == 8 {
		return []Register{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}
	}
	return []Register{
		Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
		Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31,
	}
}
