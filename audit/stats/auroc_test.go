package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestAUROC(t *testing.T) {
	for _, c := range []struct {
		reason               string
		positives, negatives []float64
		want                 float64
	}{
		{"all above", []float64{3, 4}, []float64{1, 2}, 1},
		{"all below", []float64{1, 2}, []float64{3, 4}, 0},
		{"ties count half", []float64{1}, []float64{1}, .5},
		{"a tie among several", []float64{1, 2, 2}, []float64{2, 0}, (0 + 1 + .5 + 1 + .5 + 1) / 6},
		// R: wilcox.test(c(.1,.35,.4,.8), c(.15,.2,.3,.05))$statistic / 16 = 13/16.
		{"the count of Mann and Whitney", []float64{.1, .35, .4, .8}, []float64{.15, .2, .3, .05}, 13. / 16},
	} {
		positives, negatives := slices.Clone(c.positives), slices.Clone(c.negatives)
		if got := AUROC(c.positives, c.negatives); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.reason, got, c.want)
		}
		if !slices.Equal(positives, c.positives) || !slices.Equal(negatives, c.negatives) {
			t.Errorf("%s: the scores were changed", c.reason)
		}
	}
	nan := math.NaN()
	for _, c := range [][2][]float64{{nil, {1}}, {{1}, nil}, {{1, nan}, {0}}, {{1}, {nan, 0, 2}}, {{nan}, {nan}}} {
		if got := AUROC(c[0], c[1]); !math.IsNaN(got) {
			t.Errorf("AUROC(%v, %v) = %v, want NaN", c[0], c[1], got)
		}
	}
	if got := AUROCStandardError([]float64{1, 2, nan}, []float64{0, 1}); !math.IsNaN(got) {
		t.Errorf("the standard error with a NaN among the scores is %v, want NaN", got)
	}
}

// AUROC is the mean over all pairs, by its definition.
func TestAUROCAgainstBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		x, y := make([]float64, 1+rng.IntN(12)), make([]float64, 1+rng.IntN(12))
		for i := range x {
			x[i] = float64(rng.IntN(6))
		}
		for j := range y {
			y[j] = float64(rng.IntN(6))
		}
		wins := 0.0
		for _, a := range x {
			for _, b := range y {
				switch {
				case a > b:
					wins++
				case a == b:
					wins += 0.5
				}
			}
		}
		if got, want := AUROC(x, y), wins/float64(len(x)*len(y)); math.Abs(got-want) > 1e-12 {
			t.Fatalf("%v and %v: %v, want %v", x, y, got, want)
		}
	}
}

// The variance of placements by hand: positives {.5, 1, 1}, negatives {1, 2/3}.
func TestAUROCStandardError(t *testing.T) {
	got := AUROCStandardError([]float64{1, 3, 4}, []float64{0, 2})
	area := 5. / 6
	want := 0.0
	for _, p := range [][]float64{{.5, 1, 1}, {1, 2. / 3}} {
		sum := 0.0
		for _, v := range p {
			sum += (v - area) * (v - area)
		}
		want += sum / float64(len(p)-1) / float64(len(p))
	}
	if math.Abs(got-math.Sqrt(want)) > 1e-12 {
		t.Errorf("%v, want %v", got, math.Sqrt(want))
	}
	if got := AUROCStandardError([]float64{3, 4}, []float64{1, 2}); got != 0 {
		t.Errorf("classes that do not overlap: %v, want 0", got)
	}
	if got := AUROCStandardError([]float64{3}, []float64{1, 2}); !math.IsNaN(got) {
		t.Errorf("one positive: %v, want NaN", got)
	}
}

// The standard error is the spread of the area over samples.
func TestAUROCStandardErrorCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	const runs, n = 1500, 60
	truth := 0.5 * math.Erfc(-0.8/2)
	covered := 0
	for range runs {
		x, y := noise(rng, n, 0.8, normal), noise(rng, n, 0, normal)
		if math.Abs(AUROC(x, y)-truth) <= 1.96*AUROCStandardError(x, y) {
			covered++
		}
	}
	if got := float64(covered) / runs; math.Abs(got-0.95) > 0.02 {
		t.Errorf("1.96 standard errors cover the area in a share of %.3f, want .95", got)
	}
}

func TestAUROCInterval(t *testing.T) {
	for _, c := range []struct {
		reason               string
		area                 float64
		positives, negatives int
	}{{"an area of 1", 1, 20, 30}, {"an area of 0", 0, 20, 30}, {"chance", 0.5, 20, 30}, {"few scores", 0.8, 1, 1}} {
		low, high := AUROCInterval(c.area, c.positives, c.negatives)
		if !(0 <= low && low <= c.area && c.area <= high && high <= 1 && low < high) {
			t.Errorf("%s: %v to %v", c.reason, low, high)
		}
		// The limits of the mirrored area mirror the limits.
		mirroredLow, mirroredHigh := AUROCInterval(1-c.area, c.positives, c.negatives)
		if math.Abs(mirroredLow-(1-high)) > 1e-9 || math.Abs(mirroredHigh-(1-low)) > 1e-9 {
			t.Errorf("%s: %v to %v, mirrored %v to %v", c.reason, low, high, mirroredLow, mirroredHigh)
		}
	}
	// At a limit a the distance is z·√V(a), with Hanley and McNeil's V and N* = (m+n)/2 − 1.
	low, _ := AUROCInterval(0.8, 20, 40)
	v := low * (1 - low) * (1 + 29*(1-low)/(2-low) + 29*low/(1+low)) / (20 * 40)
	if got := (0.8 - low) / math.Sqrt(v); math.Abs(got-1.959963984540054) > 1e-6 {
		t.Errorf("the lower limit %v is %v standard errors away", low, got)
	}
}
