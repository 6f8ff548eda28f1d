package tensor

import "github.com/undertone-audit/undertone/tensor/internal/kernel"

// Transpose says which operands of [Tape.MatMul] are transposed; TransposeA |
// TransposeB is both.
type Transpose uint8

// The operands of MatMul.
const (
	TransposeA Transpose = 1 << iota
	TransposeB
)

// MatMul returns op(a)·op(b), where op transposes what flags name. op(a) is
// [m k], op(b) is [k n], the result is [m n].
func (t *Tape) MatMul(a, b *Tensor, flags ...Transpose) *Tensor {
	wantRank("MatMul", "a", a, 2)
	wantRank("MatMul", "b", b, 2)
	var f Transpose
	for _, flag := range flags {
		f |= flag
	}
	m, k := a.dims[0], a.dims[1]
	if f&TransposeA != 0 {
		m, k = k, m
	}
	kb, n := b.dims[0], b.dims[1]
	if f&TransposeB != 0 {
		kb, n = n, kb
	}
	if k != kb {
		misuse("MatMul", "%v × %v with flags %02b: inner dimensions %d and %d differ", a.Shape(), b.Shape(), f, k, kb)
	}
	y := t.result(m, n)
	gemm(f&TransposeA != 0, f&TransposeB != 0, m, n, k, a.data, a.dims[1], b.data, b.dims[1], 0, y.data, n)
	if r := t.record(matMulBackward, y, a, b, nil); r != nil {
		r.flags = f
	}
	return y
}

// matMulBackward: with Y = op(A)·op(B) and its gradient G,
// by op(A) it is G·op(B)ᵀ and by op(B) it is op(A)ᵀ·G; transposed where op is.
func matMulBackward(t *Tape, n *node) {
	a, b, g := n.a, n.b, n.grad.data
	rows, cols := n.out.dims[0], n.out.dims[1] // m, n
	transA, transB := n.flags&TransposeA != 0, n.flags&TransposeB != 0
	if da, beta := t.gradOf(a); da != nil {
		if transA { // dA = op(B)·Gᵀ, [k m]
			gemm(transB, true, a.dims[0], rows, cols, b.data, b.dims[1], g, cols, beta, da, rows)
		} else { // dA = G·op(B)ᵀ, [m k]
			gemm(false, !transB, rows, a.dims[1], cols, g, cols, b.data, b.dims[1], beta, da, a.dims[1])
		}
	}
	if db, beta := t.gradOf(b); db != nil {
		if transB { // dB = Gᵀ·op(A), [n k]
			gemm(true, transA, cols, b.dims[1], rows, g, cols, a.data, a.dims[1], beta, db, b.dims[1])
		} else { // dB = op(A)ᵀ·G, [k n]
			gemm(!transA, false, b.dims[0], cols, rows, a.data, a.dims[1], g, cols, beta, db, cols)
		}
	}
}

// gemm is kernel.Gemm with alpha = 1.
func gemm(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	kernel.Gemm(transA, transB, m, n, k, 1, a, lda, b, ldb, beta, c, ldc)
}
