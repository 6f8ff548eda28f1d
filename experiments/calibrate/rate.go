package main

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// rate is a share of audits.
type rate struct {
	Count int     `json:"count"`
	Of    int     `json:"of"`
	Rate  float64 `json:"rate"`
	SE    float64 `json:"se"`   // √(r(1−r)/n)
	Low   float64 `json:"low"`  // of the 95 % interval of Clopper & Pearson (1934)
	High  float64 `json:"high"` // of the same interval
}

func newRate(count, of int) rate {
	r := rate{Count: count, Of: of, Rate: float64(count) / float64(of), High: 1}
	r.SE = standardError(r.Rate, of)
	if count > 0 {
		r.Low = distuv.Beta{Alpha: float64(count), Beta: float64(of - count + 1)}.Quantile(0.025)
	}
	if count < of {
		r.High = distuv.Beta{Alpha: float64(count + 1), Beta: float64(of - count)}.Quantile(0.975)
	}
	return r
}

// share returns the share of outcomes for which is holds.
func share(outcomes []outcome, is func(outcome) bool) rate {
	n := 0
	for _, o := range outcomes {
		if is(o) {
			n++
		}
	}
	return newRate(n, len(outcomes))
}

func atMost(level float64) func(outcome) bool { return func(o outcome) bool { return o.p <= level } }

func detected(o outcome) bool { return o.detected }

func standardError(rate float64, n int) float64 { return math.Sqrt(rate * (1 - rate) / float64(n)) }

// String returns the rate with its standard error and interval.
func (r rate) String() string {
	return fmt.Sprintf("%.3f ± %.3f (%.3f to %.3f)", r.Rate, r.SE, r.Low, r.High)
}
