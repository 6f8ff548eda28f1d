package replicate

import (
	"math"

	"github.com/undertone-audit/undertone/audit/stats"
)

// Answers holds the natural log-probabilities that one student gives: [probe][outcome].
type Answers [][]float64

// To returns the answers to the probes at the given indices.
func (a Answers) To(probes []int) Answers {
	picked := make(Answers, len(probes))
	for i, p := range probes {
		picked[i] = a[p]
	}
	return picked
}

// Distribution returns the probabilities of the outcomes of probe i, followed by the probability of
// all other answers.
func (a Answers) Distribution(i int) []float64 {
	p := make([]float64, len(a[i])+1)
	rest := 1.0
	for j, l := range a[i] {
		p[j] = math.Exp(l)
		rest -= p[j]
	}
	p[len(a[i])] = max(0, rest)
	for j := range p {
		p[j] /= 1 - min(0, rest)
	}
	return p
}

// Divergences holds divergences of the answers of one student from those of another. Each is a mean
// over probes; all other answers to a probe count as one more outcome.
type Divergences struct {
	KL             float64 `json:"kl"`              // Kullback–Leibler, in nats, of the second from the first
	JensenShannon  float64 `json:"jensen_shannon"`  // in nats, in [0, log 2]
	TotalVariation float64 `json:"total_variation"` // in [0, 1]
	Hellinger      float64 `json:"hellinger"`       // in [0, 1]
}

// Diverge returns the divergences of b from a.
func Diverge(a, b Answers) Divergences {
	var d Divergences
	for i := range a {
		p, q := a.Distribution(i), b.Distribution(i)
		for j := range q {
			q[j] = max(q[j], math.Exp(MinLogProb)) // KL stays finite
		}
		d.Add(Divergences{stats.KL(p, q), stats.JensenShannon(p, q), stats.TotalVariation(p, q), stats.Hellinger(p, q)}, 1/float64(len(a)))
	}
	return d
}

// Add adds o, multiplied by weight.
func (d *Divergences) Add(o Divergences, weight float64) {
	d.KL += weight * o.KL
	d.JensenShannon += weight * o.JensenShannon
	d.TotalVariation += weight * o.TotalVariation
	d.Hellinger += weight * o.Hellinger
}
