package replicate

import (
	"math"
	"math/rand/v2"
	"slices"
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

func TestAnswersToSomeProbes(t *testing.T) {
	a := Answers{{-1}, {-2}, {-3}}
	if got := a.To([]int{2, 0}); !slices.EqualFunc(got, Answers{{-3}, {-1}}, slices.Equal) {
		t.Errorf("answers %v", got)
	}
}

func TestDistribution(t *testing.T) {
	for _, c := range []struct {
		reason string
		logs   []float64
		want   []float64
	}{
		{"the rest is other answers", logs(.5, .2), []float64{.5, .2, .3}},
		{"no rest", logs(.5, .5), []float64{.5, .5, 0}},
		{"a sum above 1 by rounding is scaled to 1", []float64{math.Log(.5) + 1e-4, math.Log(.5) + 1e-4}, []float64{.5, .5, 0}},
	} {
		got := Answers{c.logs}.Distribution(0)
		for i := range c.want {
			if math.Abs(got[i]-c.want[i]) > 1e-9 {
				t.Errorf("%s: %v, want %v", c.reason, got, c.want)
				break
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 0))
	for range 1000 {
		a, sum := Answers{{-rng.ExpFloat64(), -3 - rng.ExpFloat64(), -69}}, 0.0
		for _, p := range a.Distribution(0) {
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
	even, half, sure := logs(.5, .5), logs(.25, .75), []float64{0, MinLogProb}
	got := Diverge(Answers{even, even}, Answers{even, half})
	// One probe of two differs, so the mean is half of the divergence between two coins.
	kl := .5*math.Log(2) + .5*math.Log(2./3)
	if !near(got.KL, kl/2) || !near(got.TotalVariation, .125) || !near(got.Hellinger*got.Hellinger*4, 1-math.Sqrt(.125)-math.Sqrt(.375)) {
		t.Errorf("divergences %+v", got)
	}
	if got := Diverge(Answers{sure}, Answers{{MinLogProb, 0}}); math.IsInf(got.KL, 0) || got.KL < 60 || !near(got.JensenShannon, math.Ln2) {
		t.Errorf("from one sure answer to another: %+v, want a large finite KL", got)
	}
	if got := Diverge(Answers{even}, Answers{even}); !near(got.TotalVariation, 0) || !near(got.KL, 0) {
		t.Errorf("equal answers have divergences %+v", got)
	}
}
