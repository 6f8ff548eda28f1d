package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// BettingTest is a sequential test of paired differences that may be looked at after every pair. Null:
// each difference, given those before it, is as likely to be d as −d. A gambler with one unit
// puts the share tanh(λd) of it on each difference being positive; the capital
//
//	E(λ) = Π (1 + tanh(λ·dᵢ))
//
// is a martingale under the null, as tanh is odd, and so is its mean E over a fixed set of λ. By
// Ville's inequality (1939) E ever reaches 1/α with probability at most α, so a design
// that stops when it likes keeps alpha (Ramdas, Grünwald, Vovk & Shafer 2023, "Game-theoretic
// statistics and safe anytime-valid inference"). One-sided: large capital speaks for a positive shift.
// Scale is the size of a difference that matters; λ is one of six multiples of 1/Scale.
type BettingTest struct{ Scale float64 }

// stakes are the multiples of 1/Scale. Small ones win slowly from noisy pairs, large
// ones double the capital with each pair that agrees.
var stakes = [...]float64{0.25, 0.5, 1, 2, 4, 8}

// EValue is where a bet stands after its pairs.
type EValue struct {
	Value float64 // the largest capital so far
	P     PValue  // 1/E, at most 1: valid whenever one stops; its floor is 2⁻ⁿ
}

// EValue bets on the differences in their order.
func (b BettingTest) EValue(differences []float64) EValue {
	most := 0.0
	var capital [len(stakes)]float64
	for _, d := range differences {
		most = max(most, b.grow(&capital, d))
	}
	p := math.Exp(-most)
	return EValue{
		Value: math.Min(math.Exp(most), math.MaxFloat64),
		P:     PValue{P: p, Floor: math.Ldexp(1, -len(differences))},
	}
}

// grow takes one difference into the logarithms of the capitals and returns that of their mean.
func (b BettingTest) grow(capital *[len(stakes)]float64, d float64) float64 {
	for k, stake := range stakes {
		capital[k] += math.Ln2 - math.Log1p(math.Exp(-2*stake*d/b.Scale)) // log(1 + tanh x)
	}
	return floats.LogSumExp(capital[:]) - math.Log(float64(len(stakes)))
}

// ConfidenceSequence returns the mean and the confidence sequence that belongs to the bet: all shifts s for which
// bets on d − s and on s − d both stand below 2/(1−level) now. It covers the centre of
// symmetry at all numbers of pairs at once with probability level. Its limits are infinite
// as long as 2ⁿ < 2/(1−level).
func (b BettingTest) ConfidenceSequence(differences []float64, level float64) Interval {
	i := MeanInterval(differences, level)
	i.Low = b.limit(differences, level, 1)
	i.High = b.limit(differences, level, -1)
	return i
}

// limit returns the lower limit for sign 1, the upper one for sign −1. The capital of a bet on
// sign·(d − s) falls as sign·s rises, so bisection finds where it crosses the bound.
func (b BettingTest) limit(differences []float64, level, sign float64) float64 {
	rejected := func(s float64) bool { // s in units of sign
		var capital [len(stakes)]float64
		last := 0.0
		for _, d := range differences {
			last = b.grow(&capital, sign*d-s)
		}
		return last >= math.Log(2/(1-level))*(1-1e-12)
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, d := range differences {
		low, high = min(low, sign*d), max(high, sign*d)
	}
	low -= 100 * b.Scale // tanh is 1 to the last bit
	if len(differences) == 0 || !rejected(low) {
		return sign * math.Inf(-1)
	}
	for range 100 {
		if middle := low + (high-low)/2; rejected(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return sign * low
}
