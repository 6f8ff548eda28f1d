package audit

import (
	"math"
	"math/rand/v2"

	gonum "gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone/audit/stats"
)

// Limit is the limit of detection: the smallest share of positive-control rows in a data set, the
// other rows being like the control rows, that the detector finds with the stated power in an audit
// of this size.
type Limit struct {
	Dose    float64 `json:"dose"`    // share of positive-control rows, in (0, 1]; the largest that was planted if Reached is false
	Reached bool    `json:"reached"` // the largest planted share is found with Power
	Power   float64 `json:"power"`   // chance of detection that is asked for
	Full    float64 `json:"full"`    // chance of detection at the largest planted share
	Method  string  `json:"method"`  // how it was computed
}

const (
	wantedPower = 0.95
	limitDraws  = 400 // simulated audits, the same at every dose, so that power rises with the dose
)

// findLimit finds the dose by bisection in (0, largest]. power must not fall as the dose rises.
func findLimit(method string, largest float64, power func(dose float64) float64) *Limit {
	l := &Limit{Dose: largest, Power: wantedPower, Full: power(largest), Method: method}
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

// replicateLimit simulates replicate differences that are normal with the observed standard
// deviation of the positive control, around a shift that is linear in the dose up to the dose that
// was planted, and applies [plantedFound] and [plantedSpecific]. The effects of placebos are linear
// in the dose, too, with normal errors of the same size. With a concave dose–response, which is
// what was measured (experiments/README.md), the shift at smaller doses is larger than that, and
// the limit too large.
func replicateLimit(m Measurement, l Level) *Limit {
	c := m.PositiveControl
	rng := rand.New(rand.NewPCG(m.Replicates.Seed, 0x6c696d6974))
	sd := gonum.StdDev(c.Differences, nil)
	noise := make([][]float64, limitDraws)
	for k := range noise {
		noise[k] = make([]float64, len(c.Differences))
		for i := range noise[k] {
			noise[k][i] = sd * rng.NormFloat64()
		}
	}
	others := make([][]float64, limitDraws) // errors of the placebos
	for k := range others {
		for range max(0, len(c.Candidates)-1) {
			others[k] = append(others[k], sd/math.Sqrt(float64(len(c.Differences)))*rng.NormFloat64())
		}
	}
	d, critical := make([]float64, len(c.Differences)), stats.TwoSided(l.Confidence(), float64(len(c.Differences)-1))
	return findLimit("shift linear up to the planted dose, normal pairs of the spread observed", c.dose(), func(dose float64) float64 {
		found := 0
		for k, z := range noise {
			for i := range d {
				d[i] = dose/c.dose()*c.Effect.Mean + z[i]
			}
			e := pairEstimate(d)
			effects := []float64{e.Mean}
			for i, z := range others[k] {
				effects = append(effects, dose/c.dose()*c.Candidates[i+1]+z)
			}
			if plantedFound(e, m.Tolerance, critical) && plantedSpecific(effects, l.Alpha) {
				found++
			}
		}
		return float64(found) / limitDraws
	})
}

// rowLimit adds the effects of the positive control, times the dose, to effects of relabelled rows,
// candidate by candidate, and applies the test of [JudgeRows] at the strictest level. found says
// whether the positive control was found, so that a quarter of its effect is required. The result
// is nil if no rows were relabelled.
func rowLimit(m Measurement, l Level, found bool) *Limit {
	noise, control := m.RowScores.Relabelled, m.PositiveControl.Candidates
	if len(noise) == 0 || len(control) != len(noise[0]) || m.RowScores.candidates(m.PositiveControl) == nil {
		return nil
	}
	kinds, candidates := max(1, m.RowScores.Kinds), len(control)/max(1, m.RowScores.Kinds)
	spread := make([]float64, kinds) // of the effects of the trait
	for k := range spread {
		for _, e := range noise {
			spread[k] += e[k*candidates] * e[k*candidates] / float64(len(noise))
		}
		spread[k] = math.Sqrt(spread[k])
	}
	level, least := l.Strictest(), math.Inf(-1)
	if found {
		least = m.RowScores.candidates(m.PositiveControl)[0] * MinControlFraction
	}
	sums := make([]float64, len(control))
	return findLimit("effects of the positive control times the dose, added to effects of relabelled rows; normal p-value", 1, func(dose float64) float64 {
		detected := 0
		for _, e := range noise {
			for c := range sums {
				sums[c] = dose*control[c] + e[c]
			}
			effects, k := m.RowScores.largest(sums)
			p := float64(kinds) * stats.NormalSurvival(effects[0]/spread[k])
			if m.RowScores.SmallestP <= level && effects[0] >= least && p <= level && specific(effects, level) {
				detected++
			}
		}
		return float64(detected) / float64(len(noise))
	})
}
