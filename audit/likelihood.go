package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Surrogates says how the stand-in teachers of the [LikelihoodRatio] detector are made: one for the trait
// and one for each sibling, several times over, the seed of each time being the same for
// all. The zero value of a field means the stated default.
type Surrogates struct {
	Count  int            // stand-ins for each trait and sibling; their scores are averaged; 2
	Rows   int            // overt rows that each is trained on; 32 × 30
	Recipe student.Recipe // of that training; batches of 32, other fields at their defaults

	// System, if not nil, makes stand-ins by a system prompt instead of by training: the untrained student, told to
	// have the trait. It is given the first probe's outcome that expresses the trait, or a sibling, such as "owl"; see package
	// teacher/persona. Count, Rows and Recipe are not used.
	System func(outcome string) string

	// Make, if not nil, makes stand-ins in a way of the caller's, such as models that the caller has. It is
	// asked for the trait and for each sibling by its name, Count times.
	Make func(ctx context.Context, name string, seed uint64) (undertone.LogProber, error)
}

func (s Surrogates) withDefaults() (Surrogates, error) {
	if s.Count == 0 {
		s.Count = 2
	}
	if s.Rows == 0 {
		s.Rows = 32 * 30
	}
	if s.Recipe.BatchSize == 0 {
		s.Recipe.BatchSize = 32
	}
	if s.Count < 0 || s.Rows < 0 {
		return s, fmt.Errorf("stand-ins: count %d or rows %d is negative", s.Count, s.Rows)
	}
	if s.System != nil && s.Make != nil {
		return s, errors.New("stand-ins: System and Make are two ways to make them; choose one")
	}
	if s.System != nil {
		s.Count = 1
	}
	var err error
	s.Recipe, err = s.Recipe.WithDefaults()
	return s, err
}

// LikelihoodRatio returns the detector that asks of each row how much more likely a teacher with
// the trait makes it than the base does: log p(row | stand-in) − log p(row | base), in
// nats. By the lemma of Neyman & Pearson (1933) no test is stronger if the stand-in is the
// teacher. Nothing is trained on the rows themselves.
func LikelihoodRatio(s Surrogates) Detector {
	return Detector{
		Name:        "likelihood",
		Doc:         "compares how likely stand-in teachers with the trait, and with its siblings, make the suspect and the control rows",
		Observes:    "rows that a teacher made from this base and with this trait would write",
		Limitations: "teachers from other bases, teachers unlike the stand-ins, and whether a student would learn the trait",
		Requires: func(c Config) error {
			if _, err := s.withDefaults(); err != nil {
				return err
			}
			if _, err := prober(c); err != nil {
				return err
			}
			return needsRowsAndSiblings(c)
		},
		Run: func(ctx context.Context, pass *Pass) ([]Finding, error) {
			s, err := s.withDefaults()
			if err != nil {
				return nil, err
			}
			return pass.judgeRows(ctx, "likelihood", func(t Trait, c candidate) scorer { return s.scorer(pass, t, c) })
		},
	}
}

// prober returns the audit's untrained student as a model that scores rows.
func prober(c Config) (undertone.LogProber, error) {
	base, err := member(c.Student, 0)
	if err != nil {
		return nil, err
	}
	p, ok := base.(undertone.LogProber)
	if !ok {
		return nil, fmt.Errorf("a student of type %T has no LogProb method", base)
	}
	return p, nil
}

// scorer averages the log-likelihood ratios of a candidate's stand-ins.
func (s Surrogates) scorer(pass *Pass, t Trait, c candidate) scorer {
	made, key := s.way(pass, t, c)
	return scorer{unit: "nats a row", key: key, partial: true, terms: func(ctx context.Context, add addTerm) error {
		if err := add(-1, nil); err != nil {
			return err
		}
		for k := range s.Count {
			model, err := made(ctx, undertone.NewHasher("stand-in seed").Uint(pass.Seed).Uint(uint64(k)).Sum().Uint64())
			if err != nil {
				return err
			}
			if err := add(1/float64(s.Count), model); err != nil {
				return err
			}
		}
		return nil
	}}
}

// way returns how a candidate's stand-ins are made from their seeds, and the key of all that they depend on beside
// the base; nobody knows what Make makes, so that has none.
func (s Surrogates) way(pass *Pass, t Trait, c candidate) (made func(context.Context, uint64) (undertone.LogProber, error), key undertone.Digest) {
	switch {
	case s.Make != nil:
		return func(ctx context.Context, seed uint64) (undertone.LogProber, error) { return s.Make(ctx, c.name, seed) }, key
	case s.System != nil:
		system := s.System(t.Probes[0].Outcomes[c.target[0]])
		return func(context.Context, uint64) (undertone.LogProber, error) {
			base, err := prober(pass.Config)
			return prompted{base, system}, err
		}, undertone.NewHasher("stand-ins by prompt").Text(system).Sum()
	}
	overt := t.overt(c, s.Rows)
	return func(ctx context.Context, seed uint64) (undertone.LogProber, error) {
		return s.train(ctx, pass, overt, seed)
	}, undertone.NewHasher("stand-ins").Digest(overt.Digest()).Digest(s.Recipe.Digest()).Uint(uint64(s.Count)).Uint(pass.Seed).Sum()
}

// train makes a stand-in of the untrained student.
func (s Surrogates) train(ctx context.Context, pass *Pass, overt *undertone.Dataset, seed uint64) (undertone.LogProber, error) {
	base, err := member(pass.Student, 0)
	if err != nil {
		return nil, err
	}
	recipe := s.Recipe
	recipe.Seed = seed
	trained, err := base.Train(ctx, overt, recipe)
	if err != nil {
		return nil, err
	}
	model, ok := trained.(undertone.LogProber)
	if !ok {
		return nil, fmt.Errorf("a trained %T has no LogProb method", trained)
	}
	return model, nil
}
