package kernel

// gemmGeneric is the specification of Gemm. It sums each element of C in order
// of k, so its bits do not depend on the shape's blocking.
func gemmGeneric(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	for i := range m {
		row := c[i*ldc : i*ldc+n]
		switch beta {
		case 0:
			clear(row)
		case 1:
		default:
			for j := range row {
				row[j] *= beta
			}
		}
		for p := range k {
			var x float32
			if transA {
				x = a[p*lda+i]
			} else {
				x = a[i*lda+p]
			}
			x *= alpha
			if transB {
				for j := range row {
					row[j] += x * b[j*ldb+p]
				}
				continue
			}
			for j, y := range b[p*ldb : p*ldb+n] {
				row[j] += x * y
			}
		}
	}
}
