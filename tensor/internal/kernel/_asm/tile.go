package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// prefetchB is the number of bytes of op(B) that the inner loop fetches in advance.
const prefetchB = 1024

const floatOne = 0x3f800000 // bits of float32(1)

// tiles writes the register kernels of matrix multiplication: one for each height and width of the
// tile of C that stays in registers. The tallest ones use 28 of 32 (AVX-512) or 12 of 16 (AVX2)
// registers for sums. Tiles of a few rows need more vectors in a row, or each sum would wait for
// itself.
func tiles(g *generator) {
	for _, masked := range g.maskings() {
		g.tileSizes(func(mr, nv int) {
			(&tileKernel{generator: g, mr: mr, nv: nv, masked: masked}).write()
		})
	}
}

// tileSizes calls f for the rows and vectors of each tile kernel.
func (w isa) tileSizes(f func(mr, nv int)) {
	for mr := 1; mr <= w.rows; mr++ {
		for nv := 1; nv <= 4; nv++ {
			if nv <= 2 || mr <= w.wideRows {
				f(mr, nv)
			}
		}
	}
}

// maskings returns the forms of a tile kernel. In AVX-512 masks cost nothing and there is one form;
// in AVX2 a masked load takes a port that the products need.
func (w isa) maskings() []bool {
	if w.lanes == 16 {
		return []bool{true}
	}
	return []bool{false, true}
}

func tileName(mr, nv int, masked bool) string {
	if masked {
		return fmt.Sprintf("tile%dx%dm", mr, nv)
	}
	return fmt.Sprintf("tile%dx%d", mr, nv)
}

// tileKernel writes a kernel for panels of mr rows and nv vectors. Each element is a chain of fused
// multiply-adds in order of k from zero, then alpha·sum, or one fused beta·c + alpha·sum. Nothing
// else affects its bits, such as the height and width of the tile or the position of the element in
// it.
type tileKernel struct {
	*generator
	mr, nv int
	masked bool // the last vector of a row

	mask Register
	sums [][]VecVirtual // mr × nv
	b, a []VecVirtual   // vectors of op(B), and broadcast elements of op(A)

	rows         rowStrides
	aAt, c       GPVirtual   // the panel
	bases        []GPVirtual // of rows 0 and 9 of op(A), at the step
	bAt          GPVirtual
	aStep, bStep GPVirtual
}

func (t *tileKernel) write() {
	t.function(tileName(t.mr, t.nv, t.masked), "func(t *tile)",
		fmt.Sprintf("computes panels of %d rows and %d vectors of C.", t.mr, t.nv))
	t.argument("t")
	t.aStep, t.bStep = t.field("aStep"), t.field("bStep")
	t.rows = t.newRowStrides(t.field("aRow"), t.mr)
	t.aAt, t.c = t.field("a"), t.field("c")
	panels := t.field("panels")
	if t.masked {
		t.mask = t.firstLanes(t.field("lanes"))
	}
	t.registers()

	t.Label("panel")
	for _, row := range t.sums {
		for _, s := range row {
			t.zero(s)
		}
	}
	t.bases = []GPVirtual{t.GP64()}
	t.MOVQ(t.aAt, t.bases[0])
	if t.mr > 9 {
		t.bases = append(t.bases, t.GP64())
		t.LEAQ(Mem{Base: t.bases[0], Index: t.rows.stride, Scale: 8}, t.bases[1])
		t.ADDQ(t.rows.stride, t.bases[1])
	}
	t.bAt = t.field("b")
	t.prefetchC()
	t.sum()
	t.scaleAndStore()
	t.ADDQ(t.fieldAt("aPanel"), t.aAt)
	t.DECQ(panels)
	t.JNZ(LabelRef("panel"))
	t.VZEROUPPER()
	t.RET()
}

func (t *tileKernel) registers() {
	t.sums = make([][]VecVirtual, t.mr)
	for i := range t.sums {
		for range t.nv {
			t.sums[i] = append(t.sums[i], t.vec())
		}
	}
	for range t.nv {
		t.b = append(t.b, t.vec())
	}
	t.a = []VecVirtual{t.vec()}
	if t.lanes == 16 || (t.mr+1)*t.nv+2 < 16 { // the mask takes one of them
		t.a = append(t.a, t.vec())
	}
}

// sum writes the loop over k.
func (t *tileKernel) sum() {
	unroll := uint64(2)
	if t.mr*t.nv < 8 {
		unroll = 4 // a step takes few cycles, so the loop itself costs time
	}
	k := t.field("k")
	t.SUBQ(Imm(unroll), k)
	t.JLT(LabelRef("rest"))
	t.Label("steps")
	for range unroll {
		t.step()
	}
	t.SUBQ(Imm(unroll), k)
	t.JGE(LabelRef("steps"))
	t.Label("rest")
	t.ADDQ(Imm(unroll), k)
	t.JZ(LabelRef("summed"))
	t.Label("step")
	t.step()
	t.DECQ(k)
	t.JNZ(LabelRef("step"))
	t.Label("summed")
}

// step adds the products of one k.
func (t *tileKernel) step() {
	for j, v := range t.b {
		t.load(Mem{Base: t.bAt, Disp: j * t.bytes()}, t.maskOf(j), v)
	}
	for d := 0; d < t.nv*t.bytes(); d += 64 {
		t.PREFETCHT0(Mem{Base: t.bAt, Disp: prefetchB + d})
	}
	for i, row := range t.sums {
		m := t.rows.at(t.bases[i/9], i%9)
		if t.nv == 1 && t.lanes == 16 {
			t.VFMADD231PS_BCST(m, t.b[0], row[0])
			continue
		}
		x := t.a[i%len(t.a)]
		t.VBROADCASTSS(m, x)
		for j, s := range row {
			t.VFMADD231PS(t.b[j], x, s)
		}
	}
	for _, base := range t.bases {
		t.ADDQ(t.aStep, base)
	}
	t.ADDQ(t.bStep, t.bAt)
}

// scaleAndStore writes alpha·sum, or beta·c + alpha·sum if beta is not zero, and moves c to the
// next panel.
func (t *tileKernel) scaleAndStore() {
	t.CMPL(t.fieldAt("alpha"), U32(floatOne))
	t.JEQ(LabelRef("scaled"))
	alpha := t.vec()
	t.VBROADCASTSS(t.fieldAt("alpha"), alpha)
	for _, row := range t.sums {
		for _, s := range row {
			t.VMULPS(alpha, s, s)
		}
	}
	t.Label("scaled")
	cRow := t.field("cRow")
	bits := t.GP32()
	t.MOVL(t.fieldAt("beta"), bits)
	t.ADDL(bits, bits) // drops the sign: -0 is zero too
	t.JZ(LabelRef("store"))
	beta, from := t.vec(), t.GP64()
	t.VBROADCASTSS(t.fieldAt("beta"), beta)
	t.MOVQ(t.c, from)
	for _, row := range t.sums {
		for j, s := range row {
			old := t.vec()
			t.load(Mem{Base: from, Disp: j * t.bytes()}, t.maskOf(j), old)
			t.VFMADD231PS(old, beta, s)
		}
		t.ADDQ(cRow, from)
	}
	t.Label("store")
	for _, row := range t.sums {
		for j, s := range row {
			t.store(s, t.maskOf(j), Mem{Base: t.c, Disp: j * t.bytes()})
		}
		t.ADDQ(cRow, t.c)
	}
}

// prefetchC fetches the tile of C, which is needed only after the sums.
func (t *tileKernel) prefetchC() {
	cRow, c := t.field("cRow"), t.GP64()
	t.MOVQ(t.c, c)
	for i := range t.mr {
		for d := 0; d < t.nv*t.bytes(); d += 64 {
			t.PREFETCHT0(Mem{Base: c, Disp: d})
		}
		if i < t.mr-1 {
			t.ADDQ(cRow, c)
		}
	}
}

// maskOf returns the mask of the j-th vector of a row, nil for a whole vector.
func (t *tileKernel) maskOf(j int) Register {
	if t.masked && j == t.nv-1 {
		return t.mask
	}
	return nil
}

// rowStrides addresses nine rows from one base register.
type rowStrides struct{ stride, x3, x5, x7 GPVirtual }

func (g *generator) newRowStrides(stride GPVirtual, rows int) rowStrides {
	r := rowStrides{stride: stride}
	if rows > 3 {
		r.x3 = g.GP64()
		g.LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, r.x3)
	}
	if rows > 5 {
		r.x5 = g.GP64()
		g.LEAQ(Mem{Base: stride, Index: stride, Scale: 4}, r.x5)
	}
	if rows > 7 {
		r.x7 = g.GP64()
		g.LEAQ(Mem{Base: r.x3, Index: stride, Scale: 4}, r.x7)
	}
	return r
}

// at returns the address of row i, 0 ≤ i ≤ 8.
func (r rowStrides) at(base GPVirtual, i int) Mem {
	switch i {
	case 0:
		return Mem{Base: base}
	case 3:
		return Mem{Base: base, Index: r.x3, Scale: 1}
	case 5:
		return Mem{Base: base, Index: r.x5, Scale: 1}
	case 6:
		return Mem{Base: base, Index: r.x3, Scale: 2}
	case 7:
		return Mem{Base: base, Index: r.x7, Scale: 1}
	}
	return Mem{Base: base, Index: r.stride, Scale: uint8(i)} // 1, 2, 4, 8
}
