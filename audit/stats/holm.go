package stats

import (
	"cmp"
	"slices"
)

// Holm returns the adjusted p-values of Holm (1979), in the order of p. Rejecting the tests whose
// adjusted p-value is at or below alpha keeps the chance of any false rejection at or below alpha,
// whatever the dependence between the tests. Equal p-values have equal adjusted p-values. If any
// p-value is NaN, all adjusted p-values are NaN: without it the others cannot be adjusted.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	adjusted := make([]float64, len(p))
	running := 0.0
	for rank, i := range order {
		running = max(running, min(1, p[i]*float64(len(p)-rank)))
		adjusted[i] = running
	}
	return adjusted
}
