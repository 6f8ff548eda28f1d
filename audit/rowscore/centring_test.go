package rowscore

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSubtractMeanOfTheOthers(t *testing.T) {
	got := subtractMean(3).apply([][]float64{{5, 1}, {2, 1}, {4, 1}})
	for c, want := range [][2]float64{{2, 0}, {-2.5, 0}, {0.5, 0}} {
		if got[c][0] != want[0] || got[c][1] != want[1] {
			t.Errorf("candidate %d: %v, want %v", c, got[c], want)
		}
	}
}

// TestRegressionSeparatesOverlappingCandidates: scores have a known covariance in which candidates
// 0 and 1 overlap and all share a drift. A shift along column 1 of the covariance raises the mean
// score for every candidate, but after the regression only that for candidate 1.
func TestRegressionSeparatesOverlappingCandidates(t *testing.T) {
	const n, k = 20_000, 4
	rng := rand.New(rand.NewPCG(1, 1))
	draw := func(shift float64) [][]float64 {
		scores := make([][]float64, k)
		for range n {
			drift := 3 * rng.NormFloat64()
			common := rng.NormFloat64()
			z := [k]float64{rng.NormFloat64() + 2*common, rng.NormFloat64() + 2*common, rng.NormFloat64(), rng.NormFloat64()}
			// Σ = I + 9·11ᵀ, plus 4 for candidates 0 and 1. Its column 1 is (13, 14, 9, 9).
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
	r := regression([][]float64{ones(len(suspect[0])), ones(len(control[0]))}, suspect, control)
	a, b := means(r.apply(suspect)), means(r.apply(control))
	for c := range k {
		shift := (a[c] - b[c]) / r.scale[c]
		if c == 1 && shift < 0.05 || c != 1 && math.Abs(shift) > 0.03 {
			t.Errorf("candidate %d shifts by %.3f standard deviations, want a shift of candidate 1 alone", c, shift)
		}
		if r.weights[c][c] != 1 {
			t.Errorf("candidate %d has weight %v for itself, want 1", c, r.weights[c][c])
		}
	}
	if a, b := means(subtractMean(k).apply(suspect)), means(subtractMean(k).apply(control)); a[0]-b[0] < 0.1 {
		t.Errorf("subtracting the mean also separates the candidates (%.3f): the case is too easy", a[0]-b[0])
	}
}

// Scores without variance cannot be regressed: the mean is subtracted.
func TestRegressionOfConstantScores(t *testing.T) {
	constant := regression([][]float64{{1, 1}, {1}}, [][]float64{{1, 1}, {2, 2}}, [][]float64{{1}, {2}})
	if got := constant.apply([][]float64{{1}, {2}})[0][0]; got != -1 {
		t.Errorf("score %v, want 1 − 2", got)
	}
}

// Copies of rows with a weight of one row together change nothing.
func TestRegressionOfCopies(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	var suspect, control, copies [][]float64
	for range 4 {
		a, b := noise(rng, 20), noise(rng, 20)
		suspect, control = append(suspect, a), append(control, b)
		copies = append(copies, slices.Concat(a, a, a))
	}
	third := ones(60)
	for i := range third {
		third[i] = 1.0 / 3
	}
	want := regression([][]float64{ones(20), ones(20)}, suspect, control)
	got := regression([][]float64{third, ones(20)}, copies, control)
	for j := range want.weights {
		for i := range want.weights[j] {
			if math.Abs(got.weights[j][i]-want.weights[j][i]) > 1e-9 {
				t.Errorf("weights %v, want %v", got.weights[j], want.weights[j])
			}
		}
	}
}

func ones(n int) []float64 { return slices.Repeat([]float64{1}, n) }

func noise(rng *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = rng.NormFloat64()
	}
	return out
}
