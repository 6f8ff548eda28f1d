package audit

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Influence is [InfluenceBy] with the plain [Gradient].
var Influence = InfluenceBy(Gradient)

// InfluenceBy returns the detector that asks of each row how much a small gradient step on it would raise the
// log-probability of the trait: ⟨P∇J, ∇ℓ(row)⟩, where J is the mean log-likelihood of the trait's overt rows and ℓ that of the row,
// both at the base's weights, and P the diagonal matrix of the form. It is d/dε of ℓ along P∇J, taken by central
// difference: two scores a row and no backward pass. As a test of "the rows are drawn from the base" it is the score test of Rao
// (1948). A form other than that of [Influence] is part of the detector's name, as in "influence-adam".
func InfluenceBy(f Preconditioning) Detector {
	how, name := f.how(), "influence-"+string(f)
	if f == Gradient {
		name = "influence"
	}
	return Detector{
		Name:        name,
		Doc:         "computes how a small " + how.step + " on the suspect and on the control rows would move the trait",
		Observes:    "rows that push this student's weights towards the trait from where they are, whoever wrote them",
		Limitations: "what training does beyond its first small steps, and traits whose gradients resemble their siblings'",
		Requires: func(c Config) error {
			if how.step == "" {
				return fmt.Errorf("form %.20q is not known; want %q, %q or %q", f, Gradient, NaturalGradient, AdamStep)
			}
			if _, err := prober(c); err != nil {
				return err
			}
			base, err := member(c.Student, 0)
			if err != nil {
				return err
			}
			if _, ok := base.(student.GradientStepper); !ok {
				return fmt.Errorf("a student of type %T has no Ascend method", base)
			}
			if _, ok := base.(student.Preconditioner); !ok && how.measured != nil {
				return fmt.Errorf("a student of type %T has no Precondition method; InfluenceBy(Gradient) needs none", base)
			}
			return needsRowsAndSiblings(c)
		},
		Run: func(ctx context.Context, pass *Pass) ([]Finding, error) {
			base, err := member(pass.Student, 0)
			if err != nil {
				return nil, err
			}
			climb := climber{how: how, base: base.(student.GradientStepper)}
			return pass.judgeRows(ctx, name, func(t Trait, c candidate) scorer { return climb.scorer(pass, t, c) })
		},
	}
}

// climber scores rows by the derivative of their log-likelihood along candidates' gradients.
type climber struct {
	how  how
	base student.GradientStepper

	measured undertone.Digest // the rows whose gradients made scaled
	scaled   student.GradientStepper
}

func (k *climber) scorer(p *Pass, t Trait, c candidate) scorer {
	overt := t.overt(c, len(t.Probes))
	key := undertone.NewHasher("influence").Digest(overt.Digest())
	var measured undertone.Data
	if k.how.measured != nil {
		measured = cut(k.how.measured(p, t), measuredRows, 0)
		key.Float(k.how.metric.Power).Float(k.how.metric.Damping).Digest(measured.Digest())
	}
	return scorer{
		unit: "nats² a row and weight²", key: key.Sum(), overt: !k.how.partial, partial: k.how.partial,
		terms: func(ctx context.Context, add addTerm) error {
			along, err := k.along(ctx, measured)
			if err != nil {
				return err
			}
			d, err := p.differ(ctx, along, overt)
			if err != nil {
				return err
			}
			weight := d.norm / (2 * d.step)
			if err := add(weight, d.up); err != nil {
				return err
			}
			return add(-weight, d.down)
		},
	}
}

// along returns the base as an Ascender with the form's P. It is made once for all candidates of a trait.
func (k *climber) along(ctx context.Context, measured undertone.Data) (student.GradientStepper, error) {
	if measured == nil {
		return k.base, nil
	}
	if d := measured.Digest(); k.scaled == nil || k.measured != d {
		scaled, err := k.base.(student.Preconditioner).Precondition(ctx, measured, k.how.metric)
		if err != nil {
			return nil, err
		}
		k.measured, k.scaled = d, scaled
	}
	return k.scaled, nil
}
