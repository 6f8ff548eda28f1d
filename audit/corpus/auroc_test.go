package corpus

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestAUROC(t *testing.T) {
	for _, c := range []struct {
		reason           string
		suspect, control []float64
		want             float64
	}{
		{"all above", []float64{3, 4}, []float64{1, 2}, 1},
		{"all below", []float64{1, 2}, []float64{3, 4}, 0},
		{"ties count half", []float64{1}, []float64{1}, .5},
		{"a tie within several", []float64{1, 2, 2}, []float64{2, 0}, (0 + 1 + .5 + 1 + .5 + 1) / 6},
		// R: wilcox.test(c(.1,.35,.4,.8), c(.15,.2,.3,.05))$statistic / 16 = 13/16.
		{"Mann and Whitney's count", []float64{.1, .35, .4, .8}, []float64{.15, .2, .3, .05}, 13. / 16},
	} {
		if got := auroc(c.suspect, c.control); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.reason, got, c.want)
		}
	}
}

// The variance of placements, by hand: placements of the suspects {0→.5, 1, 1}, of the controls {2/3, 1}.
func TestDeLong(t *testing.T) {
	got := delong([]float64{1, 3, 4}, []float64{0, 2})
	area := 5. / 6
	variance := ((.5-area)*(.5-area)+2*(1-area)*(1-area))/2/3 + ((1-area)*(1-area)+(2./3-area)*(2./3-area))/1/2
	if math.Abs(got.Area-area) > 1e-12 || math.Abs(got.Low-(area-1.96*math.Sqrt(variance))) > 1e-12 || got.High != 1 {
		t.Errorf("%+v, want %v and a variance of %v", got, area, variance)
	}
}

// Bags of k normal rows a distance d apart have AUROC Φ(d·√(k/2)).
func TestBagged(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const d = .3
	folds := make([]stratum, 4)
	for f := range folds {
		for range 8000 {
			folds[f][0] = append(folds[f][0], rng.NormFloat64())
			folds[f][1] = append(folds[f][1], rng.NormFloat64()+d)
		}
	}
	for _, k := range []int{1, 4, 16} {
		want := math.Erfc(-d*math.Sqrt(float64(k)/2)/math.Sqrt2) / 2
		if got := bagged(folds, k, 4, rng); math.Abs(got-want) > .012 {
			t.Errorf("bags of %d: %v, want %v", k, got, want)
		}
	}
	if got := bagged([]stratum{{{1, 2}, {3}}}, 2, 1, rng); !math.IsNaN(got) {
		t.Errorf("%v without a bag of one arm", got)
	}
}
