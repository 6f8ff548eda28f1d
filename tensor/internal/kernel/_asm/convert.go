package main

import (
	. "github.com/mmcloughlin/avo/operand"
)

// conversions writes loops between float32 and 16-bit formats. They process whole wides only,
// because AVX2 has no masked loads of 16 bits; Go code processes the rest.
func conversions(g *generator) {
	g.function("bf16ToFloat32", "func(n int, y *float32, x *uint16)", "converts bfloat16 to float32; n is a positive multiple of 16.")
	g.halves("y", 4, "x", 2, func(y, x Mem) {
		v := g.vec()
		g.VPMOVZXWD(x, v)
		g.VPSLLD(Imm(16), v, v)
		g.VMOVUPS(v, y)
	})

	g.function("float32ToBF16", "func(n int, y *uint16, x *float32)", "rounds float32 to bfloat16, ties to even; n is a positive multiple of 16.")
	one, most, quiet := g.broadcast(g.bits(1).at), g.broadcast(g.bits(0x7fff).at), g.broadcast(g.bits(0x400000).at)
	g.halves("y", 2, "x", 4, func(y, x Mem) {
		v, r := g.vec(), g.vec()
		g.VMOVUPS(x, v)
		g.VPSRLD(Imm(16), v, r)
		if g.lanes == 16 {
			k := g.K()
			g.VPANDD(one[0], r, r)
			g.VPADDD(v, r, r)
			g.VPADDD(most[0], r, r)
			g.VCMPPS(Imm(3), v, v, k)
			g.VPORD(quiet[0], v, k, r) // a NaN stays one
			g.VPSRLD(Imm(16), r, r)
			g.VPMOVDW(r, y)
			return
		}
		nan, four := g.YMM(), g.XMM()
		g.VPAND(one[0], r, r)
		g.VPADDD(v, r, r)
		g.VPADDD(most[0], r, r)
		g.VCMPPS(Imm(3), v, v, nan)
		g.VPOR(quiet[0], v, v)
		g.VBLENDVPS(nan, v, r, r)
		g.VPSRLD(Imm(16), r, r)
		g.VEXTRACTI128(Imm(1), r, four)
		g.VPACKUSDW(four, r.AsX(), four)
		g.VMOVDQU(four, y)
	})

	if g.lanes == 16 { // these instructions need more than AVX2
		g.function("f16ToFloat32", "func(n int, y *float32, x *uint16)", "converts float16 to float32; n is a positive multiple of 16.")
		g.halves("y", 4, "x", 2, func(y, x Mem) {
			v := g.ZMM()
			g.VCVTPH2PS(x, v)
			g.VMOVUPS(v, y)
		})
		g.function("float32ToF16", "func(n int, y *uint16, x *float32)", "rounds float32 to float16, ties to even; n is a positive multiple of 16.")
		g.halves("y", 2, "x", 4, func(y, x Mem) {
			v := g.ZMM()
			g.VMOVUPS(x, v)
			g.VCVTPS2PH(Imm(0), v, y)
		})
	}
}

// halves writes a loop from elements of one size to elements of another, a register of float32 at a
// time.
func (g *generator) halves(to string, toSize int, from string, fromSize int, body func(to, from Mem)) {
	n := g.count()
	y, x := g.Load(g.Param(to), g.GP64()), g.Load(g.Param(from), g.GP64())
	g.Label("next")
	body(Mem{Base: y}, Mem{Base: x})
	g.ADDQ(U32(uint32(g.lanes*toSize)), y)
	g.ADDQ(U32(uint32(g.lanes*fromSize)), x)
	g.SUBQ(Imm(uint64(g.lanes)), n)
	g.JNZ(LabelRef("next"))
	g.end()
}
