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

// Diverge returns the divergences of b from a, as means over probes. Any other answer to a probe
// counts as one more outcome.
func Diverge(a, b Answers) stats.Divergences {
	var d stats.Divergences
	for i := range a {
		p, q := a.Distribution(i), b.Distribution(i)
		for j := range q {
			q[j] = max(q[j], math.Exp(MinLogProb)) // KL stays finite
		}
		d.Add(stats.Diverge(p, q), 1/float64(len(a)))
	}
	return d
}
