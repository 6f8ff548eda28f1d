package corpus

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Bags of k normal rows whose means differ by d have the AUROC Φ(d·√(k/2)).
func TestBagAUROC(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const d = .3
	folds := make([]foldScores, 4)
	for f := range folds {
		for range 8000 {
			folds[f][0] = append(folds[f][0], rng.NormFloat64())
			folds[f][1] = append(folds[f][1], rng.NormFloat64()+d)
		}
	}
	for _, k := range []int{1, 4, 16} {
		want := math.Erfc(-d*math.Sqrt(float64(k)/2)/math.Sqrt2) / 2
		if got := bagAUROC(folds, k, 4, rng); math.Abs(got-want) > .012 {
			t.Errorf("bags of %d: %v, want %v", k, got, want)
		}
	}
	if got := bagAUROC([]foldScores{{{1, 2}, {3}}}, 2, 1, rng); !math.IsNaN(got) {
		t.Errorf("%v without a bag of one arm, want NaN", got)
	}
}
