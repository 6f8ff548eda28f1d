//go:build !cgo || !openblas

package openblas

// Available reports whether this program was built with -tags openblas.
const Available = false

// CoreType returns the kernel that OpenBLAS chose, such as "SkylakeX".
func CoreType() string { return "" }

// Config returns OpenBLAS's version and build options.
func Config() string { return "" }

// SetThreads sets the number of threads of OpenBLAS. They spin for a while after a call.
func SetThreads(int) {}

// Gemm panics: the program was built without OpenBLAS.
func Gemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	panic("openblas: build with cgo and -tags openblas")
}
