package stats

import "math"

// The divergences of this file are between two discrete distributions p and q over the same
// outcomes. p and q must have equal lengths, and each must sum to 1. The logarithm is natural, and
// 0·log 0 is 0. A NaN in p or q gives NaN. They compare distributions that are known. An estimate
// from counts is biased upwards: compare it with its permutation distribution (see [Tail]).

// Divergences holds four divergences of one discrete distribution from another.
type Divergences struct {
	KL             float64 `json:"kl"`              // Kullback–Leibler, in nats, of the second from the first
	JensenShannon  float64 `json:"jensen_shannon"`  // in nats, in [0, log 2]
	TotalVariation float64 `json:"total_variation"` // in [0, 1]
	Hellinger      float64 `json:"hellinger"`       // in [0, 1]
}

// Diverge returns the divergences of q from p. Both have the same outcomes.
func Diverge(p, q []float64) Divergences {
	needLengths("Diverge", len(p), "probabilities", len(q), "outcomes")
	return Divergences{KL(p, q), JensenShannon(p, q), TotalVariation(p, q), Hellinger(p, q)}
}

// Add adds o, multiplied by weight: sums with weights that sum to 1 are means.
func (d *Divergences) Add(o Divergences, weight float64) {
	d.KL += weight * o.KL
	d.JensenShannon += weight * o.JensenShannon
	d.TotalVariation += weight * o.TotalVariation
	d.Hellinger += weight * o.Hellinger
}

// KL returns the Kullback–Leibler divergence Σ p·log(p/q) in nats (Kullback & Leibler 1951), in
// [0, ∞]. It is infinite if an outcome has p > 0 and q = 0. A NaN in p or q gives NaN.
func KL(p, q []float64) float64 {
	needLengths("KL", len(p), "probabilities", len(q), "outcomes")
	var sum float64
	for i, a := range p {
		if a > 0 || math.IsNaN(a) || math.IsNaN(q[i]) {
			sum += a * math.Log(a/q[i])
		}
	}
	return max(0, sum)
}

// JensenShannon returns the Jensen–Shannon divergence in nats, in [0, log 2]: the mean divergence
// [KL] of p and q from their midpoint (Lin 1991). It is symmetric.
func JensenShannon(p, q []float64) float64 {
	needLengths("JensenShannon", len(p), "probabilities", len(q), "outcomes")
	middle := make([]float64, len(p))
	for i := range p {
		middle[i] = (p[i] + q[i]) / 2
	}
	return (KL(p, middle) + KL(q, middle)) / 2
}

// TotalVariation returns the total variation distance ½ Σ|p−q|, in [0, 1]: the largest difference
// of the probabilities of any event.
func TotalVariation(p, q []float64) float64 {
	needLengths("TotalVariation", len(p), "probabilities", len(q), "outcomes")
	var sum float64
	for i := range p {
		sum += math.Abs(p[i] - q[i])
	}
	return sum / 2
}

// Hellinger returns the Hellinger distance √(½ Σ(√p−√q)²), in [0, 1].
func Hellinger(p, q []float64) float64 {
	needLengths("Hellinger", len(p), "probabilities", len(q), "outcomes")
	var sum float64
	for i := range p {
		d := math.Sqrt(p[i]) - math.Sqrt(q[i])
		sum += d * d
	}
	return math.Sqrt(sum / 2)
}
