package stats

import (
	"math"
	"testing"
)

// The p-value is a sum over Pascal's triangle.
func TestSignTest(t *testing.T) {
	for n := range 40 {
		choose := 1.0
		tail := make([]float64, n+2)
		for k := 0; k <= n; k++ {
			tail[k] = choose / math.Exp2(float64(n))
			choose *= float64(n-k) / float64(k+1)
		}
		for k := n; k >= 0; k-- {
			tail[k] += tail[k+1]
			got := SignTest(k, n)
			if math.Abs(got.P-tail[k]) > 1e-9*tail[k] || got.Floor > got.P || got.Floor < math.Exp2(-float64(n))*(1-1e-9) {
				t.Errorf("%d of %d: %+v, want %v", k, n, got, tail[k])
			}
		}
	}
	if p := SignTest(100_000, 100_000); p.P != smallestP || p.Floor != smallestP {
		t.Errorf("100,000 of 100,000: %+v, want the smallest p-value", p)
	}
}

// P(p <= α) is at most α, summed over all outcomes of the null.
func TestSignTestUnderTheNull(t *testing.T) {
	for _, n := range []int{1, 5, 30, 200} {
		for _, alpha := range []float64{0.001, 0.05, 0.5} {
			rejected := 0.0
			for k := range n + 1 {
				if SignTest(k, n).P <= alpha {
					rejected += math.Exp(logChoose(n, k) - float64(n)*math.Ln2)
				}
			}
			if rejected > alpha*(1+1e-9) {
				t.Errorf("%d values: P(p ≤ %v) = %v", n, alpha, rejected)
			}
		}
	}
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
