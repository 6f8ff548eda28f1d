package rowscore

import (
	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
)

// Preconditioning names the diagonal matrix P by which [InfluenceBy] scales the gradient, and how
// the scores are centred.
type Preconditioning string

const (
	// Gradient has P = 1: one small step of plain gradient descent. The mean score for the placebos
	// is subtracted.
	Gradient Preconditioning = "gradient"

	// NaturalGradient has P = 1/(v/mean(v) + 1), where v is the mean over control rows of their
	// squared derivatives: the damped diagonal of the Fisher information (Amari 1998). With the
	// full matrix P = F⁻¹ the mean score of rows by a teacher at θ+Δ would be FΔ·P∇J, the rise of J
	// of the teacher itself to first order, so the Fisher matrix cancels and no regression on the
	// placebos is needed. The mean score for the placebos is subtracted, as for Gradient.
	NaturalGradient Preconditioning = "fisher"

	// AdamStep has P = 1/(√v/mean(√v) + 0.001), with the v of the overt rows of the trait and its
	// placebos: P∇J is the first step of Adam (Kingma & Ba 2015) on overt rows, with the second
	// moments of all candidates. A teacher leaves the base in this direction, so scores are
	// log-likelihood ratios to first order, centred like those of [LikelihoodRatio]: as residuals
	// of a regression on the scores for the placebos. They say who wrote the rows and have no overt
	// dose.
	AdamStep Preconditioning = "adam"
)

// measuredRows is the number of rows whose gradients determine P.
const measuredRows = 256

// settings is what a preconditioning stands for.
type settings struct {
	step      string                                        // in words; empty if the preconditioning is not known
	metric    student.DiagonalMetric                        // of P
	measured  func(*audit.Pass, audit.Trait) undertone.Data // rows whose gradients determine P; nil: P = 1
	regressed bool                                          // see scorer
}

func (p Preconditioning) settings() settings {
	switch p {
	case Gradient:
		return settings{step: "gradient step"}
	case NaturalGradient:
		return settings{
			step: "natural gradient step", metric: student.DiagonalMetric{Power: 1, Damping: 1},
			measured: func(pass *audit.Pass, _ audit.Trait) undertone.Data { return pass.Control },
		}
	case AdamStep:
		return settings{
			step: "step of Adam", metric: student.DiagonalMetric{Power: 0.5, Damping: 1e-3}, regressed: true,
			measured: func(_ *audit.Pass, t audit.Trait) undertone.Data { return allOvertRows(t) },
		}
	}
	return settings{}
}
