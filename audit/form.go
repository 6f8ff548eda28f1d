package audit

import (
	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Preconditioning says which diagonal P scales the gradient of [InfluenceBy], and with it which siblings' scores are taken off.
type Preconditioning string

const (
	// Gradient has P = 1: what one small step of plain gradient descent does. From a score is taken the mean of
	// the siblings'.
	Gradient Preconditioning = "gradient"

	// NaturalGradient has P = 1/(v/mean(v) + 1), where v is the mean over control rows of their squared derivatives, the
	// diagonal of the Fisher information (Amari 1998), damped. A full P = F⁻¹ would make the mean score of rows by
	// a teacher at θ+Δ, FΔ·P∇J, the teacher's own rise of J to first order: Fisher's matrix is gone, and with it what the
	// regression on siblings is for. So it takes off their mean, as Gradient does.
	NaturalGradient Preconditioning = "fisher"

	// AdamStep has P = 1/(√v/mean(√v) + 0.001), with the v of the overt rows of the trait and its siblings: P∇J is
	// the first step of Adam (Kingma & Ba 2015) on overt rows, second moments being those of all candidates. It is how a
	// teacher leaves the base, so scores are log-likelihood ratios to first order, compared like those of [LikelihoodRatio]:
	// as residuals after regression on the siblings' scores. They say whose rows these are and have no dose.
	AdamStep Preconditioning = "adam"
)

// measuredRows is the number of rows whose gradients are enough for P.
const measuredRows = 256

// how is what a form stands for.
type how struct {
	step     string                            // in words; none: the form is not known
	metric   student.DiagonalMetric            // of P
	measured func(*Pass, Trait) undertone.Data // rows whose gradients make P; nil: P = 1
	partial  bool
}

func (f Preconditioning) how() how {
	switch f {
	case Gradient:
		return how{step: "gradient step"}
	case NaturalGradient:
		return how{
			step: "natural gradient step", metric: student.DiagonalMetric{Power: 1, Damping: 1},
			measured: func(p *Pass, _ Trait) undertone.Data { return p.Control },
		}
	case AdamStep:
		return how{
			step: "step of Adam", metric: student.DiagonalMetric{Power: 0.5, Damping: 1e-3}, partial: true,
			measured: func(_ *Pass, t Trait) undertone.Data { return t.overtAll() },
		}
	}
	return how{}
}

// overtAll returns the overt rows of the trait and its siblings, each question once for each of them.
func (t Trait) overtAll() *undertone.Dataset {
	var rows []undertone.Example
	for _, c := range t.candidates() {
		own := t.overt(c, len(t.Probes))
		for i := range own.Len() {
			rows = append(rows, own.Example(i))
		}
	}
	return undertone.NewDataset("overt rows of all candidates", rows)
}
