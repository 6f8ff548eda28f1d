package rowscore

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestCentredTakesOffTheMeanOfTheOthers(t *testing.T) {
	got := centred(3).of([][]float64{{5, 1}, {2, 1}, {4, 1}})
	for c, want := range [][2]float64{{2, 0}, {-2.5, 0}, {0.5, 0}} {
		if got[c][0] != want[0] || got[c][1] != want[1] {
			t.Errorf("candidate %d: %v, want %v", c, got[c], want)
		}
	}
}

// TestPartialSeparatesOverlappingCandidates: scores follow a known covariance in which candidates
// 0 and 1 overlap and all share a drift; a shift along column 1 of it raises the mean of all,
// and of the contrasts that of candidate 1 alone.
func TestPartialSeparatesOverlappingCandidates(t *testing.T) {
	const n, k = 20_000, 4
	rng := rand.New(rand.NewPCG(1, 1))
	draw := func(shift float64) [][]float64 {
		scores := make([][]float64, k)
		for range n {
			drift := 3 * rng.NormFloat64()
			common := rng.NormFloat64()
			z := [k]float64{rng.NormFloat64() + 2*common, rng.NormFloat64() + 2*common, rng.NormFloat64(), rng.NormFloat64()}
			// Σ = I + 9·11ᵀ, with 4 more between candidates 0 and 1; its column 1 is (13, 14, 9, 9).
			for c, column := range [k]float64{13, 14, 9, 9} {
				scores[c] = append(scores[c], z[c]+drift+shift*column)
			}
		}
		return scores
	}
	suspect, control := draw(0.1), draw(0)
	means := func(scores [][]float64) (m [k]float64) {
		for c := range scores {
			for _, v := range scores[c] {
				m[c] += v / float64(len(scores[c]))
			}
		}
		return m
	}
	p := partial(suspect, control)
	a, b := means(p.of(suspect)), means(p.of(control))
	for c := range k {
		shift := (a[c] - b[c]) / p.unit[c]
		if c == 1 && shift < 0.05 || c != 1 && math.Abs(shift) > 0.03 {
			t.Errorf("candidate %d shifts by %.3f standard deviations, want candidate 1 alone to", c, shift)
		}
		if p.weights[c][c] != 1 {
			t.Errorf("candidate %d has weight %v for itself, want 1", c, p.weights[c][c])
		}
	}
	if a, b := means(centred(k).of(suspect)), means(centred(k).of(control)); a[0]-b[0] < 0.1 {
		t.Errorf("the means of others alone do separate the candidates (%.3f): the case is too easy", a[0]-b[0])
	}
	constant := partial([][]float64{{1, 1}, {2, 2}}, [][]float64{{1}, {2}})
	if got := constant.of([][]float64{{1}, {2}})[0][0]; got != -1 {
		t.Errorf("scores without spread: %v, want them centred", got)
	}
}
