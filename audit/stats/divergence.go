package stats

import "math"

// The divergences below are between two discrete distributions over the same
// outcomes; p and q each sum to 1. 0·log 0 is 0.

// KL is the Kullback–Leibler divergence Σ p·log(p/q) in nats, in [0, ∞]: infinite
// where q rules out what p allows.
func KL(p, q []float64) float64 {
	var sum float64
	for i, a := range p {
		if a > 0 {
			sum += a * math.Log(a/q[i])
		}
	}
	return max(0, sum)
}

// JensenShannon is the mean divergence of p and q from their midpoint in nats,
// in [0, log 2] (Lin 1991).
func JensenShannon(p, q []float64) float64 {
	middle := make([]float64, len(p))
	for i := range p {
		middle[i] = (p[i] + q[i]) / 2
	}
	return (KL(p, middle) + KL(q, middle)) / 2
}

// TotalVariation is ½ Σ|p−q|, in [0, 1].
func TotalVariation(p, q []float64) float64 {
	var sum float64
	for i := range p {
		sum += math.Abs(p[i] - q[i])
	}
	return sum / 2
}

// Hellinger is √(½ Σ(√p−√q)²), in [0, 1].
func Hellinger(p, q []float64) float64 {
	var sum float64
	for i := range p {
		d := math.Sqrt(p[i]) - math.Sqrt(q[i])
		sum += d * d
	}
	return math.Sqrt(sum / 2)
}
