// Package kernel holds the loops that dominate training. The functions whose
// names end in Generic are the specification; faster ones stand beside them and
// are chosen when the program starts.
package kernel

// Gemm computes C ← alpha·op(A)·op(B) + beta·C in float32, where op transposes
// if asked. op(A) is m×k, op(B) is k×n, C is m×n; all are row-major with the
// leading dimensions lda, ldb and ldc (elements from one row to the next). With
// beta = 0, C is not read. C must not overlap A or B.
func Gemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	gemmGeneric(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}
