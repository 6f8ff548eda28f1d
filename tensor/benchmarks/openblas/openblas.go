//go:build cgo && openblas

// Package openblas calls the OpenBLAS of the machine, to compare with.
package openblas

/*
#cgo pkg-config: openblas
#include <cblas.h>
*/
import "C"

// Available reports whether this program was built with -tags openblas.
const Available = true

// CoreType returns the kernel that OpenBLAS chose, such as "SkylakeX".
func CoreType() string { return C.GoString(C.openblas_get_corename()) }

// Config returns OpenBLAS's version and build options.
func Config() string { return C.GoString(C.openblas_get_config()) }

// SetThreads sets the number of threads of OpenBLAS. They spin for a while after a call.
func SetThreads(n int) { C.openblas_set_num_threads(C.int(n)) }

// Gemm computes C ← alpha·op(A)·op(B) + beta·C, all row-major.
func Gemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	op := [2]C.enum_CBLAS_TRANSPOSE{C.CblasNoTrans, C.CblasTrans}
	i, j := 0, 0
	if transA {
		i = 1
	}
	if transB {
		j = 1
	}
	C.cblas_sgemm(C.CblasRowMajor, op[i], op[j], C.blasint(m), C.blasint(n), C.blasint(k), C.float(alpha),
		(*C.float)(&a[0]), C.blasint(lda), (*C.float)(&b[0]), C.blasint(ldb), C.float(beta), (*C.float)(&c[0]), C.blasint(ldc))
}
