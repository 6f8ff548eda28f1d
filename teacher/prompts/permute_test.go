package prompts

import "testing"

// For every small n, around powers of 2 and of 4, all places occur once.
func TestPermuteIsABijection(t *testing.T) {
	ns := []uint64{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1000, 4096, 4097}
	for _, n := range ns {
		for seed := range uint64(3) {
			seen := make([]bool, n)
			for i := range int(n) {
				x := permute("k", seed, n, i)
				if x >= n || seen[x] {
					t.Fatalf("n %d, seed %d: %d goes to %d, which is out of range or taken", n, seed, i, x)
				}
				seen[x] = true
			}
		}
	}
}

// The chi-squared statistic of 100 bins with 1000 expected each has mean 99 and standard deviation
// 14.
func TestPermuteSpreads(t *testing.T) {
	const n = 729_000_000
	for seed := range uint64(3) {
		var bins [100]float64
		for i := range 100_000 {
			bins[permute("k", seed, n, i)*100/n]++
		}
		chi := 0.0
		for _, b := range bins {
			chi += (b - 1000) * (b - 1000) / 1000
		}
		if chi > 99+5*14 {
			t.Errorf("seed %d: the first 100,000 places are uneven: chi-squared %.0f for 99 degrees of freedom", seed, chi)
		}
	}
}
