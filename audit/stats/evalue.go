package stats

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// BettingTest is a sequential test of paired differences: a test martingale, which stays valid if
// one looks at it after every pair and stops at any time.
//
// Null: each difference, given the differences before it, is symmetric about 0 (as likely to be d
// as −d). Alternative: the differences are shifted to positive values. The unit is the pair. A bet
// of the share tanh(λd) of the wealth on a positive sign makes the wealth
//
//	E(λ) = Π (1 + tanh(λ·dᵢ)).
//
// tanh is odd, so E(λ) is a martingale under the null, and so is the mean of E(λ) over fixed values
// of λ. By Ville's inequality (1939) that mean ever reaches 1/α with probability at most α (Ramdas,
// Grünwald, Vovk & Shafer 2023, "Game-theoretic statistics and safe anytime-valid inference"). A
// difference of 0 is a tie and leaves the wealth as it is. n pairs multiply the wealth at most by
// 2ⁿ.
type BettingTest struct {
	// Scale is the size of a difference that matters, > 0: the methods panic otherwise. The test
	// mixes six values of λ: 1/4, 1/2, 1, 2, 4 and 8 divided by Scale.
	Scale float64
}

// multiples are the values of λ·Scale. Small values gain slowly from noisy pairs. Large values
// double the wealth with each pair that agrees.
var multiples = [...]float64{0.25, 0.5, 1, 2, 4, 8}

// EValue is the evidence of a [BettingTest] against the null.
type EValue struct {
	// Value is the largest mean wealth after any pair, in [1, MaxFloat64]. The null makes it ever
	// reach v with probability at most 1/v, so 1/Value is a valid p-value. Value itself is not an
	// e-value: the wealth at a stopping time is one, its maximum is not. Do not multiply or average
	// the values of several studies; combine their p-values.
	Value float64

	// P is 1/Value, valid at any time. The floor is 2⁻ⁿ after n pairs. Both are at least 10⁻³⁰⁰.
	P PValue
}

// EValue returns the evidence of the differences, in their order. No differences give the value 1.
// So do differences with a NaN among them, which are no evidence.
func (b BettingTest) EValue(differences []float64) EValue {
	needPositive("BettingTest.EValue", "Scale", b.Scale)
	largest := 0.0
	var w wealth
	for _, d := range differences {
		largest = max(largest, w.bet(d, b.Scale)) // NaN if any difference is NaN
	}
	if math.IsNaN(largest) {
		largest = 0
	}
	return EValue{
		Value: math.Min(math.Exp(largest), math.MaxFloat64),
		P:     PValue{P: max(smallestP, math.Exp(-largest)), Floor: max(smallestP, math.Ldexp(1, -len(differences)))},
	}
}

// wealth holds log E(λ) for each multiple.
type wealth [len(multiples)]float64

// bet adds one difference and returns the logarithm of the mean wealth.
func (w *wealth) bet(d, scale float64) float64 {
	for k, multiple := range multiples {
		w[k] += math.Ln2 - math.Log1p(math.Exp(-2*multiple*d/scale)) // log(1 + tanh x)
	}
	return floats.LogSumExp(w[:]) - math.Log(float64(len(multiples)))
}

// ConfidenceSequence returns the mean of the differences with the limits that belong to the test:
// all shifts s for which the wealths of bets on d − s and on s − d are both below 2/(1−level) after
// the last pair. The intervals after every number of pairs together cover the centre of symmetry
// with probability >= level. It assumes that the differences are symmetric about one centre. The
// unit is the pair. The limits are infinite while 2ⁿ < 2/(1−level). level must be in [0, 1].
func (b BettingTest) ConfidenceSequence(differences []float64, level float64) Interval {
	needPositive("BettingTest.ConfidenceSequence", "Scale", b.Scale)
	needShare("BettingTest.ConfidenceSequence", "level", level)
	i := MeanInterval(differences, level)
	i.Low = b.limit(differences, level, 1)
	i.High = b.limit(differences, level, -1)
	return i
}

// limit returns the lower limit for sign 1, and the upper limit for sign −1. The wealth of a bet on
// sign·(d − s) falls as sign·s rises, so bisection finds where it crosses the bound.
func (b BettingTest) limit(differences []float64, level, sign float64) float64 {
	rejected := func(s float64) bool { // s in units of sign
		var w wealth
		last := 0.0
		for _, d := range differences {
			last = w.bet(sign*d-s, b.Scale)
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
