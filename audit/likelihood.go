package audit

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// StandIns says how the stand-in teachers of the [LikelihoodRatio] detector are made: one for the trait
// and one for each sibling, several times over, the seed of each time being the same for
// all. The zero value of a field means the stated default.
type StandIns struct {
	Count  int            // stand-ins for each trait and sibling; their scores are averaged; 2
	Rows   int            // overt rows that each is trained on; 32 × 30
	Recipe student.Recipe // of that training; batches of 32, other fields at their defaults

	// Make, if not nil, makes stand-ins in another way than by training on overt rows: a
	// model with a system prompt, or one that the user has. It is asked for the trait and for
	// each sibling by its name, count times.
	Make func(ctx context.Context, name string, seed uint64) (undertone.LogProber, error)
}

func (s StandIns) withDefaults() (StandIns, error) {
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
	var err error
	s.Recipe, err = s.Recipe.WithDefaults()
	return s, err
}

// LikelihoodRatio returns the detector that asks of each row how much more likely a teacher with
// the trait makes it than the base does: log p(row | stand-in) − log p(row | base), in
// nats. By the lemma of Neyman & Pearson (1933) no test is stronger if the stand-in is the
// teacher. Nothing is trained on the rows themselves.
func LikelihoodRatio(s StandIns) Detector {
	return Detector{
		Name:  "likelihood",
		Doc:   "compares how likely stand-in teachers with the trait, and with its siblings, make the suspect and the control rows",
		Sees:  "rows that a teacher made from this base and with this trait would write",
		Blind: "teachers from other bases, teachers unlike the stand-ins, and whether a student would learn the trait",
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
func (s StandIns) scorer(pass *Pass, t Trait, c candidate) scorer {
	overt := t.overt(c, s.Rows)
	var key undertone.Digest // nobody knows what Make makes: its scores are not kept
	if s.Make == nil {
		key = undertone.NewHasher("stand-ins").Digest(overt.Digest()).Digest(s.Recipe.Digest()).Uint(uint64(s.Count)).Uint(pass.Seed).Sum()
	}
	return scorer{unit: "nats a row", key: key, partial: true, terms: func(ctx context.Context, add addTerm) error {
		if err := add(-1, nil); err != nil {
			return err
		}
		for k := range s.Count {
			model, err := s.make(ctx, pass, overt, c.name, k)
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

// make returns the k-th stand-in for a candidate.
func (s StandIns) make(ctx context.Context, pass *Pass, overt *undertone.Dataset, name string, k int) (undertone.LogProber, error) {
	seed := undertone.NewHasher("stand-in seed").Uint(pass.Seed).Uint(uint64(k)).Sum().Uint64()
	if s.Make != nil {
		return s.Make(ctx, name, seed)
	}
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
