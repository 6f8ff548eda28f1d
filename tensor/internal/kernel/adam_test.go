package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestAdam compares with the algorithm as printed in the papers, in float64.
func TestAdam(t *testing.T) {
	const beta1, beta2, epsilon, rate = 0.9, 0.999, 1e-8, 1e-2
	for _, decay := range []float64{0, 0.1} {
		each(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 4))
			const n = 37
			p := normals(r, n, 0)
			m, v := make([]float32, n), make([]float32, n)
			want, mean, square := widen(p), make([]float64, n), make([]float64, n)
			for step := 1; step <= 20; step++ {
				d := normals(r, n, 0.1)
				Adam(p, d, m, v, AdamStep{rate, beta1, beta2, epsilon, decay, step})
				for i, g := range widen(d) {
					mean[i] = beta1*mean[i] + (1-beta1)*g
					square[i] = beta2*square[i] + (1-beta2)*g*g
					corrected := mean[i] / (1 - math.Pow(beta1, float64(step)))
					root := math.Sqrt(square[i] / (1 - math.Pow(beta2, float64(step))))
					want[i] -= rate*decay*want[i] + rate*corrected/(root+epsilon)
					near(t, "parameter", p[i], want[i], 1e-6*float64(step))
				}
			}
		})
	}
}
