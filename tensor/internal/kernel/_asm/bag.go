package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// bags writes the sum of a bag of table rows, and its gradient. Blocks of columns stay in registers
// during the loop over the rows of the bag.
func bags(g *generator) {
	g.bag("sumBag", "sets y to the sum of table[id] over the bag, first row first.", func(b bagBlock) {
		var sum []Register
		b.eachRow(func(row Register) { sum = b.read(row) }, func(row Register) {
			for i, v := range b.read(row) {
				g.VADDPS(v, sum[i], sum[i])
			}
		})
		b.write(sum, b.y)
	})
	g.bag("addToBag", "adds y to table[id] for each row of the bag.", func(b bagBlock) {
		y := b.read(b.y)
		b.eachRow(nil, func(row Register) {
			sum := b.read(row)
			for i, v := range sum {
				g.VADDPS(v, y[i], v)
			}
			b.write(sum, row)
		})
	})
}

// bagBlock is the code for a block of columns of the rows of a bag.
type bagBlock struct {
	*generator
	name          string
	y, table, ids GPVirtual // at the first column of the block
	stride, bag   GPVirtual // bytes of a row, rows
	vectors       int
	mask          mask
}

// bag writes a function over the columns: first many vectors at a time, then one wide, then the
// rest.
func (g *generator) bag(name, doc string, body func(bagBlock)) {
	g.function(name, "func(cols int, y, table *float32, ids *int32, bag int)", doc)
	load := func(name string) GPVirtual { return g.Load(g.Param(name), g.GP64()).(GPVirtual) }
	cols := load("cols")
	b := bagBlock{generator: g, y: load("y"), table: load("table"), ids: load("ids"), bag: load("bag"), stride: g.GP64()}
	g.MOVQ(cols, b.stride)
	g.SHLQ(Imm(2), b.stride)
	for _, lanes := range []int{4 * wideLanes, wideLanes} {
		b.name, b.vectors = fmt.Sprintf("columns%d", lanes), lanes/g.lanes
		next, fewer := b.name+"next", b.name+"fewer"
		g.Label(next)
		g.CMPQ(cols, Imm(uint64(lanes)))
		g.JLT(LabelRef(fewer))
		body(b)
		g.ADDQ(U32(uint32(4*lanes)), b.y)
		g.ADDQ(U32(uint32(4*lanes)), b.table)
		g.SUBQ(Imm(uint64(lanes)), cols)
		g.JMP(LabelRef(next))
		g.Label(fewer)
	}
	g.TESTQ(cols, cols)
	g.JZ(LabelRef("done"))
	b.name, b.mask = "rest", g.firstOfWide(cols)
	body(b)
	g.Label("done")
	g.end()
}

// eachRow writes a loop over the rows of the bag; first, if it is not nil, is for the first row.
func (b bagBlock) eachRow(first, body func(row Register)) {
	at, row := b.GP64(), b.GP64()
	address := func() {
		b.MOVLQSX(Mem{Base: b.ids, Index: at, Scale: 4}, row)
		b.IMULQ(b.stride, row)
		b.ADDQ(b.table, row)
	}
	b.XORQ(at, at)
	if first != nil {
		address()
		first(row)
		b.INCQ(at)
	}
	b.JMP(LabelRef(b.name + "check"))
	b.Label(b.name + "row")
	address()
	body(row)
	b.INCQ(at)
	b.Label(b.name + "check")
	b.CMPQ(at, b.bag)
	b.JLT(LabelRef(b.name + "row"))
}

func (b bagBlock) at(from Register, i int) Mem { return Mem{Base: from, Disp: i * b.bytes()} }

// read loads the columns of the block.
func (b bagBlock) read(from Register) []Register {
	block := make([]Register, b.vectors)
	for i := range block {
		block[i] = b.vec()
		b.load(b.at(from, i), b.mask.at(i), block[i])
	}
	return block
}

func (b bagBlock) write(block []Register, to Register) {
	for i, v := range block {
		b.store(v, b.mask.at(i), b.at(to, i))
	}
}
