package lineage

import "math"

// logChance returns the base-10 logarithm of an upper bound on the chance that two matchings agree
// in at least same neurons, of the both neurons that have a partner in each of them.
//
// Null: the labels of one model's neurons in one of the matchings are a uniformly random
// permutation of n labels, independent of the other matching. A given set of k neurons then agrees
// with probability (n−k)!/n!, and there are C(both, k) sets (union bound). The bound is at most
// 1/k! and needs no draw. It is one-sided: many agreements speak against the null.
func logChance(same, both, n int) float64 {
	if same <= 0 {
		return 0
	}
	l := func(x int) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
	ln := l(both) - l(same) - l(both-same) + l(n-same) - l(n)
	return min(0, ln/math.Ln10)
}
