package audit

import (
	"math"

	"github.com/undertone-audit/undertone/audit/stats"
)

// answers holds one student's log-probabilities, probe by probe, outcome by outcome.
type answers [][]float64

// measure returns the mean of m over the probes, where target[i] is the outcome of probe i.
func (a answers) measure(m Measure, target []int) float64 {
	var sum float64
	for i, logs := range a {
		sum += measureOf[m](logs, target[i])
	}
	return sum / float64(len(a))
}

var measureOf = map[Measure]func(logs []float64, target int) float64{
	Margin: func(logs []float64, target int) float64 {
		var others float64
		for i, l := range logs {
			if i != target {
				others += l
			}
		}
		return logs[target] - others/float64(len(logs)-1)
	},
	Share: func(logs []float64, target int) float64 {
		var sum float64
		for _, l := range logs {
			sum += math.Exp(l - logs[target])
		}
		return 1 / sum
	},
	Rate: func(logs []float64, target int) float64 { return math.Exp(logs[target]) },
}

// distribution returns the probabilities of the outcomes of probe i, and last that of all other answers.
func (a answers) distribution(i int) []float64 {
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

// Divergences compares two students' answers: means over probes of the
// divergences between the distributions over outcomes, other answers being one more.
type Divergences struct {
	KL             float64 `json:"kl"`              // nats, of the second from the first
	JensenShannon  float64 `json:"jensen_shannon"`  // nats, at most log 2
	TotalVariation float64 `json:"total_variation"` // in [0, 1]
	Hellinger      float64 `json:"hellinger"`       // in [0, 1]
}

// diverge returns the divergences of b from a, averaged over probes.
func diverge(a, b answers) Divergences {
	var d Divergences
	for i := range a {
		p, q := a.distribution(i), b.distribution(i)
		for j := range q {
			q[j] = max(q[j], math.Exp(lowest)) // KL stays finite
		}
		d.add(Divergences{stats.KL(p, q), stats.JensenShannon(p, q), stats.TotalVariation(p, q), stats.Hellinger(p, q)}, 1/float64(len(a)))
	}
	return d
}

func (d *Divergences) add(o Divergences, weight float64) {
	d.KL += weight * o.KL
	d.JensenShannon += weight * o.JensenShannon
	d.TotalVariation += weight * o.TotalVariation
	d.Hellinger += weight * o.Hellinger
}
