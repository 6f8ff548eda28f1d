package rowscore

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/student"
)

// InfluenceBy returns the first-order detector without surrogates. It computes for each row how
// much a small gradient step on it would raise the log-probability of the trait: ⟨P∇J, ∇ℓ(row)⟩. J
// is the mean log-likelihood of the overt rows of the trait and ℓ that of the row, both at the
// weights of the untrained student, and P the diagonal matrix of the preconditioning. The product
// is the derivative of ℓ along P∇J, computed by central difference: two scores per row and no
// backward pass. As a test of "the rows are drawn from the base" it is the score test of Rao
// (1948).
//
// The student must implement [undertone.LogProber] and [student.GradientStepper], and
// [student.Preconditioner] for a preconditioning other than [Gradient]. The name of the
// preconditioning is part of the name of the detector, such as "influence-adam". [Influence] finds
// the trait more often (experiments/worlds); InfluenceBy is for its study, and for students that
// give no access to their weights.
func InfluenceBy(p Preconditioning) audit.Detector {
	settings, name := p.settings(), "influence-"+string(p)
	scorers := func(pass *audit.Pass) (newScorer, error) {
		base, err := pass.Untrained()
		if err != nil {
			return nil, err
		}
		d := &derivative{settings: settings, pass: pass, base: base.(student.GradientStepper)}
		return func(t audit.Trait, c candidate) []scorer { return []scorer{d.scorer(t, c)} }, nil
	}
	return audit.Detector{
		Name:        name,
		Doc:         "computes how a small " + settings.step + " on the suspect and on the control rows would move the trait",
		Observes:    "rows that push the weights of this student towards the trait, whoever wrote them",
		Limitations: "what training does beyond its first small steps, and traits whose gradients resemble those of their placebos",
		Requires: func(c audit.Config) error {
			if settings.step == "" {
				return fmt.Errorf("preconditioning %.20q is not known; want %q, %q or %q", p, Gradient, NaturalGradient, AdamStep)
			}
			base, err := untrainedProber(c)
			if err != nil {
				return err
			}
			if _, ok := base.(student.GradientStepper); !ok {
				return fmt.Errorf("student %T does not implement GradientStepper", base)
			}
			if _, ok := base.(student.Preconditioner); !ok && settings.measured != nil {
				return fmt.Errorf("student %T does not implement Preconditioner, which InfluenceBy(Gradient) does not need", base)
			}
			return requireTextAndPlacebos(c)
		},
		Measure: measureBy(name, scorers),
		Judge:   audit.JudgeRows,
		Rank:    rankBy(name, scorers),
	}
}

// derivative scores rows by the derivative of their log-likelihood along the gradients of
// candidates.
type derivative struct {
	settings settings
	pass     *audit.Pass
	base     student.GradientStepper

	measured       undertone.Digest        // of the rows whose gradients made preconditioned
	preconditioned student.GradientStepper // nil if it was not made yet
}

func (d *derivative) scorer(t audit.Trait, c candidate) scorer {
	overt := overtRows(t, c, len(t.Probes))
	key := undertone.NewHasher("influence").Digest(overt.Digest())
	var measured undertone.Data
	if d.settings.measured != nil {
		measured = replicate.Cut(d.settings.measured(d.pass, t), measuredRows, 0)
		key.Float(d.settings.metric.Power).Float(d.settings.metric.Damping).Digest(measured.Digest())
	}
	return scorer{
		unit: "nats² per row and squared weight", key: key.Sum(), measuresOvert: !d.settings.regressed, regressed: d.settings.regressed,
		terms: func(ctx context.Context, add addTerm) error {
			along, err := d.along(ctx, measured)
			if err != nil {
				return err
			}
			c, err := centralDifference(ctx, d.pass, along, overt)
			if err != nil {
				return err
			}
			weight := c.norm / (2 * c.step)
			if err := add(weight, c.up); err != nil {
				return err
			}
			return add(-weight, c.down)
		},
	}
}

// along returns the base as a gradient stepper with the preconditioning. It is made once for all
// candidates of a trait.
func (d *derivative) along(ctx context.Context, measured undertone.Data) (student.GradientStepper, error) {
	if measured == nil {
		return d.base, nil
	}
	if of := measured.Digest(); d.preconditioned == nil || d.measured != of {
		p, err := d.base.(student.Preconditioner).Precondition(ctx, measured, d.settings.metric)
		if err != nil {
			return nil, err
		}
		d.measured, d.preconditioned = of, p
	}
	return d.preconditioned, nil
}
