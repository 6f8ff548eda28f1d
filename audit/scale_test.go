package audit

import (
	"math"
	"testing"

	"github.com/undertone-audit/undertone/audit/internal/replicate"
)

// logProbs returns the logarithms of probabilities.
func logProbs(p ...float64) []float64 {
	l := make([]float64, len(p))
	for i, v := range p {
		l[i] = math.Log(v)
	}
	return l
}

func TestScaleValues(t *testing.T) {
	const least = replicate.MinLogProb
	for _, c := range []struct {
		reason              string
		logs                []float64
		target              int
		margin, share, rate float64
	}{
		{"equal answers", logProbs(.25, .25, .25, .25), 2, 0, .25, .25},
		{"other answers take half, which changes neither the share nor the margin", logProbs(.2, .1, .1, .1), 0, math.Log(2), .4, .2},
		{"the margin uses the mean of the logarithms", logProbs(.4, .4, .1), 0, math.Log(.4) - (math.Log(.4)+math.Log(.1))/2, .4 / .9, .4},
		{"an impossible target", []float64{least, 0}, 0, least, math.Exp(least), math.Exp(least)},
		{"a sure target", []float64{0, least}, 0, -least, 1, 1},
	} {
		for s, want := range map[Scale]float64{Margin: c.margin, Share: c.share, Rate: c.rate} {
			if got := s.value(c.logs, c.target); math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: %s is %v, want %v", c.reason, s, got, want)
			}
		}
	}
}

// The value of a trait is the mean over its probes, each with equal weight.
func TestValuesAreMeansOverProbes(t *testing.T) {
	of := &Replicates{direct: [][]int{{0, 1}, {1}}}
	a := Answers{of, []replicate.Answers{{logProbs(.5, .5), logProbs(.1, .3)}, {logProbs(.5, .5), logProbs(.5, .5)}}}
	for s, want := range map[Scale][2]float64{Margin: {math.Log(3) / 2, 0}, Share: {(.5 + .75) / 2, .5}, Rate: {.4, .5}} {
		for r, got := range a.Values(0, s, []int{0, 1}) {
			if math.Abs(got-want[r]) > 1e-12 {
				t.Errorf("replicate %d: %s is %v, want %v", r, s, got, want[r])
			}
		}
	}
	if got := a.Values(1, Rate, []int{0})[0]; math.Abs(got-.1) > 1e-12 {
		t.Errorf("the rate of a trait with probe 1 alone is %v, want 0.1", got)
	}
}

// A drift of all outcomes together, as in any fine-tuning, changes the rate alone.
func TestMarginAndShareIgnoreCommonDrift(t *testing.T) {
	logs, drifted := logProbs(.3, .2, .1), logProbs(.3, .2, .1)
	for i := range drifted {
		drifted[i] -= 2
	}
	for s, wantEqual := range map[Scale]bool{Margin: true, Share: true, Rate: false} {
		if equal := math.Abs(s.value(logs, 0)-s.value(drifted, 0)) < 1e-12; equal != wantEqual {
			t.Errorf("%s: %v before the drift and %v after it", s, s.value(logs, 0), s.value(drifted, 0))
		}
	}
}
