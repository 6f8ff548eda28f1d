package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestCompareByHand(t *testing.T) {
	// Strata 1 and 2 hold both arms; 3 and 4 hold one each and are left out.
	c := CompareStratified(
		[]float64{3, 5, 10, 99}, []float64{2, 7, 7, -99},
		[]uint64{1, 1, 2, 3}, []uint64{1, 2, 2, 4}, 0.95, 99, 1)
	// Weights 2·1/3 and 1·2/3; differences 4−2 and 10−7.
	if want := 2.5; math.Abs(c.Mean-want) > 1e-12 || c.Strata != 2 || c.First != 3 || c.Second != 3 {
		t.Errorf("%+v, want mean %v over 2 strata of 3 and 3 rows", c, want)
	}
	none := CompareStratified([]float64{1}, []float64{2}, []uint64{1}, []uint64{2}, 0.95, 99, 1)
	if none.Strata != 0 || none.P.P != 1 || !math.IsInf(none.High, 1) {
		t.Errorf("arms without a common stratum: %+v", none)
	}
}

// TestCompareNull: the p-value is uniform, and the interval covers, under strata that differ, also where
// one arm has many more rows.
func TestCompareNull(t *testing.T) {
	const runs = 600
	for _, design := range []struct {
		strata, first, second int
	}{{1, 40, 60}, {60, 1, 1}, {30, 2, 5}} {
		rng := rand.New(rand.NewPCG(3, uint64(design.strata)))
		small, covered := 0, 0
		for run := range runs {
			var x, y []float64
			var sx, sy []uint64
			for s := range design.strata {
				level := 3 * rng.NormFloat64()
				for range design.first {
					x, sx = append(x, level+rng.NormFloat64()), append(sx, uint64(s))
				}
				for range design.second {
					y, sy = append(y, level+rng.NormFloat64()), append(sy, uint64(s))
				}
			}
			c := CompareStratified(x, y, sx, sy, 0.95, 99, uint64(run))
			if c.P.P <= 0.05 {
				small++
			}
			if c.Low <= 0 && c.High >= 0 {
				covered++
			}
		}
		se := math.Sqrt(0.05 * 0.95 / runs)
		if got := float64(small) / runs; math.Abs(got-0.05) > 3*se {
			t.Errorf("%+v: P(p ≤ .05) = %v under the null", design, got)
		}
		if got := float64(covered) / runs; got < 0.95-0.022 {
			t.Errorf("%+v: the 95 %% interval covers in %v of runs", design, got)
		}
	}
}

// TestComparePower: with a shift of three standard errors the test finds it as often as theory says.
func TestComparePower(t *testing.T) {
	const runs, n = 500, 100
	rng := rand.New(rand.NewPCG(4, 4))
	found := 0
	for run := range runs {
		x, y := make([]float64, n), make([]float64, n)
		for i := range n {
			x[i], y[i] = rng.NormFloat64()+3*math.Sqrt(2.0/n), rng.NormFloat64()
		}
		if CompareStratified(x, y, make([]uint64, n), make([]uint64, n), 0.95, 199, uint64(run)).P.P <= 0.05 {
			found++
		}
	}
	// P(z > 1.645 − 3) = .912
	if got := float64(found) / runs; math.Abs(got-0.912) > 0.04 {
		t.Errorf("power %v, want about .912", got)
	}
}

func TestOutlier(t *testing.T) {
	if p := PredictionTest(2, []float64{1}); p != 1 {
		t.Errorf("one sibling: p = %v, want 1", p)
	}
	// R: 1 - pt((9-2)/sqrt(1*(1+1/3)), 2) = 0.01307
	if p := PredictionTest(9, []float64{1, 2, 3}); math.Abs(p-0.01307) > 1e-5 {
		t.Errorf("p = %v", p)
	}
	rng := rand.New(rand.NewPCG(5, 5))
	small := 0
	const runs = 4000
	for range runs {
		siblings := make([]float64, 9)
		for i := range siblings {
			siblings[i] = rng.NormFloat64()
		}
		if PredictionTest(rng.NormFloat64(), siblings) <= 0.05 {
			small++
		}
	}
	if got := float64(small) / runs; math.Abs(got-0.05) > 0.011 {
		t.Errorf("P(p ≤ .05) = %v under the null", got)
	}
}
