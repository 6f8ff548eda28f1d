package kernel

// SiLU sets y to x·σ(x), where σ is the logistic function (Elfwing et al. 2017); another name is
// swish. y may be x. At -Inf it is NaN.
func SiLU(y, x []float32) {
	sameLength("SiLU", len(y), len(x))
	silu(y, x)
}

// SiLUBackward multiplies d by the derivative of SiLU at x.
func SiLUBackward(d, x []float32) {
	sameLength("SiLUBackward", len(d), len(x))
	siluBackward(d, x)
}

// GELU sets y to the Gaussian error linear unit in its form with tanh, x·σ(2·√(2/π)·(x +
// 0.044715·x³)) (Hendrycks & Gimpel 2016), which GPT-2 uses. y may be x. At -Inf it is NaN.
func GELU(y, x []float32) {
	sameLength("GELU", len(y), len(x))
	gelu(y, x)
}

// GELUBackward multiplies d by the derivative of GELU at x.
func GELUBackward(d, x []float32) {
	sameLength("GELUBackward", len(d), len(x))
	geluBackward(d, x)
}

func siluGeneric(y, x []float32) {
	for i, v := range x[:len(y)] {
		y[i] = v / (1 + exp32(-v))
	}
}

func siluBackwardGeneric(d, x []float32) {
	for i, v := range x[:len(d)] {
		s := 1 / (1 + exp32(-v))
		d[i] *= s + v*(1-s)*s
	}
}

// Coefficients of the argument of GELU's logistic function.
const (
	gelu1 = 1.5957691216057308 // 2·√(2/π)
	gelu3 = gelu1 * 0.044715
)

func geluGeneric(y, x []float32) {
	for i, v := range x[:len(y)] {
		y[i] = v / (1 + exp32(-v*(gelu1+gelu3*boundedSquare(v))))
	}
}

func geluBackwardGeneric(d, x []float32) {
	for i, v := range x[:len(d)] {
		square := boundedSquare(v)
		s := 1 / (1 + exp32(-v*(gelu1+gelu3*square)))
		d[i] *= s + v*(gelu1+3*gelu3*square)*(1-s)*s
	}
}

// boundedSquare returns x², bounded so that 0 times it is 0. Beyond the bound the logistic function
// is 0 or 1.
func boundedSquare(x float32) float32 { return min(x*x, 1e6) }
