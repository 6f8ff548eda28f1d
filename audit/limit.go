package audit

import (
	"math"
	"math/rand/v2"

	gonum "gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/undertone-audit/undertone/audit/stats"
)

// Limit is a detector's limit of detection: the smallest share of planted rows in a data set, the
// other rows being like the control's, that the detector finds with the stated power in
// an audit of this size.
type Limit struct {
	Dose    float64 `json:"dose"`    // share of planted rows, in (0, 1]; 1 if not even that is found so often
	Reached bool    `json:"reached"` // the planted rows alone are found with Power
	Power   float64 `json:"power"`   // the chance of detection that is asked for
	Full    float64 `json:"full"`    // the chance of detection if all rows are planted ones
	Method  string  `json:"method"`  // how it was worked out
}

const (
	wantedPower = 0.95
	limitDraws  = 400 // simulated audits; the same ones at every dose, so that power rises with it
)

// limit finds the dose by bisection; power must not fall as the dose rises.
func limit(method string, power func(dose float64) float64) *Limit {
	l := &Limit{Dose: 1, Power: wantedPower, Full: power(1), Method: method}
	if l.Reached = l.Full >= wantedPower; !l.Reached {
		return l
	}
	low := 0.0
	for range 10 {
		if middle := (low + l.Dose) / 2; power(middle) >= wantedPower {
			l.Dose = middle
		} else {
			low = middle
		}
	}
	return l
}

// limit simulates audits whose pairs are normal with the spread at hand, around a shift that is linear in
// the dose. The p-value of the single look is that of the paired t-test, which the sign-flip test
// comes close to (Fisher 1935).
func (e *experiment) limit(f *Finding) *Limit {
	rng := rand.New(rand.NewPCG(e.Seed, 0x6c696d6974))
	n := e.Replicates
	noise := make([][]float64, limitDraws)
	for k := range noise {
		noise[k] = make([]float64, n)
		for r := range noise[k] {
			noise[k][r] = f.Effect.SD * rng.NormFloat64()
		}
	}
	method := "shift linear in the dose, normal pairs of the spread observed, paired t-test"
	if e.InterimEvery > 0 {
		method = "shift linear in the dose, normal pairs of the spread observed, all looks simulated"
	}
	finds := e.finder(n, f.Tolerance)
	d := make([]float64, n)
	return limit(method, func(dose float64) float64 {
		found := 0
		for _, z := range noise {
			for r := range d {
				d[r] = dose*f.Planted.Effect.Mean + z[r]
			}
			if n >= e.needed && finds(d) {
				found++
			}
		}
		return float64(found) / limitDraws
	})
}

// finder returns the test of whether n differences would be called detected.
func (e *experiment) finder(n int, tolerance float64) func(d []float64) bool {
	level := e.Alpha / float64(e.Tests)
	if e.InterimEvery > 0 {
		return func(d []float64) bool {
			return gonum.Mean(d, nil) >= tolerance && stats.BettingTest{Scale: tolerance}.EValue(d).P.P <= level
		}
	}
	critical := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(1 - level)
	return func(d []float64) bool {
		mean, sd := gonum.MeanStdDev(d, nil)
		return mean >= tolerance && mean > critical*sd/math.Sqrt(float64(n))
	}
}

// limit adds the planted rows' effects, times the dose, to effects of relabelled rows, candidate by candidate,
// and applies the detector's rules. noise[k] holds the effects of the k-th relabelling.
func (s scoring) limit(pass *Pass, planted []float64, noise [][]float64) *Limit {
	var spread float64
	for _, e := range noise {
		spread += e[0] * e[0] / float64(len(noise))
	}
	spread = math.Sqrt(spread)
	level := pass.Alpha / float64(pass.Tests)
	return limit("the planted rows' effects times the dose, added to effects of relabelled rows; normal p-value", func(dose float64) float64 {
		found := 0
		for _, e := range noise {
			own := dose*planted[0] + e[0]
			siblings := make([]float64, len(e)-1)
			above := true
			for c := range siblings {
				siblings[c] = dose*planted[c+1] + e[c+1]
				above = above && own >= siblings[c]
			}
			if above && own >= planted[0]/leastShare && stats.NormalSurvival(own/spread) <= level && stats.PredictionTest(own, siblings) <= level {
				found++
			}
		}
		return float64(found) / float64(len(noise))
	})
}
