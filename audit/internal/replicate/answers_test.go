package replicate

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

// logs returns the logarithms of probabilities.
func logs(p ...float64) []float64 {
	l := make([]float64, len(p))
	for i, v := range p {
		l[i] = math.Log(v)
	}
	return l
}

func TestMeasures(t *testing.T) {
	for _, c := range []struct {
		reason              string
		a                   answers
		target              []int
		margin, share, rate float64
	}{
		{"even answers", answers{logs(.25, .25, .25, .25)}, []int{2}, 0, .25, .25},
		{"other answers take half: the share and the margin do not see them", answers{logs(.2, .1, .1, .1)}, []int{0}, math.Log(2), .4, .2},
		{"the others' mean is that of their logarithms", answers{logs(.4, .4, .1)}, []int{0}, math.Log(.4) - (math.Log(.4)+math.Log(.1))/2, .4 / .9, .4},
		{"probes count alike", answers{logs(.5, .5), logs(.1, .3)}, []int{0, 1}, math.Log(3) / 2, (.5 + .75) / 2, .4},
		{"an impossible target", answers{{lowest, 0}}, []int{0}, lowest, math.Exp(lowest), math.Exp(lowest)},
		{"a sure target", answers{{0, lowest}}, []int{0}, -lowest, 1, 1},
	} {
		for m, want := range map[Measure]float64{Margin: c.margin, Share: c.share, Rate: c.rate} {
			if got := c.a.measure(m, c.target); !near(got, want) {
				t.Errorf("%s: %s is %v, want %v", c.reason, m, got, want)
			}
		}
	}
}

// Drift of all outcomes together, as in any fine-tuning, moves the rate alone.
func TestMarginAndShareIgnoreCommonDrift(t *testing.T) {
	a := answers{logs(.3, .2, .1)}
	drifted := answers{{a[0][0] - 2, a[0][1] - 2, a[0][2] - 2}}
	for _, m := range []Measure{Margin, Share} {
		if !near(a.measure(m, []int{0}), drifted.measure(m, []int{0})) {
			t.Errorf("%s moved with all outcomes together", m)
		}
	}
	if near(a.measure(Rate, []int{0}), drifted.measure(Rate, []int{0})) {
		t.Error("the rate did not move")
	}
}

func TestDistribution(t *testing.T) {
	for _, c := range []struct {
		reason string
		logs   []float64
		want   []float64
	}{
		{"the rest is other answers", logs(.5, .2), []float64{.5, .2, .3}},
		{"nothing is left", logs(.5, .5), []float64{.5, .5, 0}},
		{"rounding above 1 is taken back", []float64{math.Log(.5) + 1e-4, math.Log(.5) + 1e-4}, []float64{.5, .5, 0}},
	} {
		got := answers{c.logs}.distribution(0)
		for i := range c.want {
			if math.Abs(got[i]-c.want[i]) > 1e-9 {
				t.Errorf("%s: %v, want %v", c.reason, got, c.want)
				break
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 0))
	for range 1000 {
		a, sum := answers{{-rng.ExpFloat64(), -3 - rng.ExpFloat64(), -69}}, 0.0
		for _, p := range a.distribution(0) {
			if p < 0 {
				t.Fatalf("%v has a negative probability", a)
			}
			sum += p
		}
		if !near(sum, 1) {
			t.Fatalf("the probabilities of %v sum to %v", a, sum)
		}
	}
}

func TestDiverge(t *testing.T) {
	even, half, sure := logs(.5, .5), logs(.25, .75), []float64{0, lowest}
	got := diverge(answers{even, even}, answers{even, half})
	// One probe of two moved: the mean is half of what two coins give.
	kl := .5*math.Log(2) + .5*math.Log(2./3)
	if !near(got.KL, kl/2) || !near(got.TotalVariation, .125) || !near(got.Hellinger*got.Hellinger*4, 1-math.Sqrt(.125)-math.Sqrt(.375)) {
		t.Errorf("divergences %+v", got)
	}
	if got := diverge(answers{sure}, answers{{lowest, 0}}); math.IsInf(got.KL, 0) || got.KL < 60 || !near(got.JensenShannon, math.Ln2) {
		t.Errorf("from one sure answer to another: %+v, want a large finite KL", got)
	}
	if got := diverge(answers{even}, answers{even}); !near(got.TotalVariation, 0) || !near(got.KL, 0) {
		t.Errorf("nothing moved, and %+v", got)
	}
}
