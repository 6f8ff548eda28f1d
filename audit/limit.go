package audit

import (
	"math"
	"math/rand/v2"

	gonum "gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/undertone-audit/undertone/audit/stats"
)

// Limit is the limit of detection: the smallest share of positive-control rows in a data set, the
// other rows being like the control rows, that the detector finds with the stated power in an audit
// of this size.
type Limit struct {
	Dose    float64 `json:"dose"`    // share of positive-control rows, in (0, 1]; 1 if Reached is false
	Reached bool    `json:"reached"` // a data set of positive-control rows alone is found with Power
	Power   float64 `json:"power"`   // chance of detection that is asked for
	Full    float64 `json:"full"`    // chance of detection at dose 1
	Method  string  `json:"method"`  // how it was computed
}

const (
	wantedPower = 0.95
	limitDraws  = 400 // simulated audits, the same at every dose, so that power rises with the dose
)

// findLimit finds the dose by bisection. power must not fall as the dose rises.
func findLimit(method string, power func(dose float64) float64) *Limit {
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

// replicateLimit simulates audits whose differences are normal with the observed standard
// deviation, around a shift that is linear in the dose. The p-value of a single look is that of the
// paired t-test, which the sign-flip test approximates (Fisher 1935).
func replicateLimit(m Measurement, l Level) *Limit {
	r := m.Replicates
	rng := rand.New(rand.NewPCG(r.Seed, 0x6c696d6974))
	n := r.Planned
	noise := make([][]float64, limitDraws)
	for k := range noise {
		noise[k] = make([]float64, n)
		for i := range noise[k] {
			noise[k][i] = r.SD * rng.NormFloat64()
		}
	}
	method := "shift linear in the dose, normal pairs of the spread observed, paired t-test"
	if r.Interim {
		method = "shift linear in the dose, normal pairs of the spread observed, all looks simulated"
	}
	detects := replicateTest(m, l)
	d := make([]float64, n)
	return findLimit(method, func(dose float64) float64 {
		found := 0
		for _, z := range noise {
			for i := range d {
				d[i] = dose*m.PositiveControl.Effect.Mean + z[i]
			}
			if n >= l.ReplicatesNeeded() && detects(d) {
				found++
			}
		}
		return float64(found) / limitDraws
	})
}

// replicateTest returns the function that reports whether differences would be called detected.
func replicateTest(m Measurement, l Level) func(differences []float64) bool {
	r, level := m.Replicates, l.Strictest()
	if r.Interim {
		return func(d []float64) bool {
			return gonum.Mean(d, nil) >= m.Tolerance && stats.BettingTest{Scale: m.Tolerance}.EValue(d).P.P <= level
		}
	}
	critical := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(r.Planned - 1)}.Quantile(1 - level)
	return func(d []float64) bool {
		mean, sd := gonum.MeanStdDev(d, nil)
		return mean >= m.Tolerance && mean > critical*sd/math.Sqrt(float64(len(d)))
	}
}

// rowLimit adds the effects of the positive control, times the dose, to effects of relabelled rows,
// candidate by candidate, and applies the rules of [JudgeRows]. It is nil if no rows were
// relabelled.
func rowLimit(m Measurement, l Level) *Limit {
	noise, control := m.RowScores.Relabelled, m.PositiveControl.Candidates
	if len(noise) == 0 || len(control) != len(noise[0]) {
		return nil
	}
	var spread float64
	for _, e := range noise {
		spread += e[0] * e[0] / float64(len(noise))
	}
	spread = math.Sqrt(spread)
	level := l.Strictest()
	return findLimit("effects of the positive control times the dose, added to effects of relabelled rows; normal p-value", func(dose float64) float64 {
		found := 0
		for _, e := range noise {
			own := dose*control[0] + e[0]
			placebos := make([]float64, len(e)-1)
			first := true
			for c := range placebos {
				placebos[c] = dose*control[c+1] + e[c+1]
				first = first && own >= placebos[c]
			}
			if first && own >= control[0]*MinControlFraction && stats.NormalSurvival(own/spread) <= level && stats.PredictionTest(own, placebos) <= level {
				found++
			}
		}
		return float64(found) / float64(len(noise))
	})
}
