package rowscore

import (
	"context"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
)

// Surrogates says how the surrogate teachers of [LikelihoodRatio] are made: Count for the trait and
// Count for each placebo. Surrogate k of every candidate has the same seed. The zero value of a
// field means the stated default.
type Surrogates struct {
	Count  int            // surrogates per candidate, whose scores are averaged, >= 1 (default 2)
	Rows   int            // overt rows that each is trained on, >= 1 (default 960)
	Recipe student.Recipe // of that training (default: batches of 32, other fields at their defaults)

	// SystemPrompt makes surrogates by a system prompt instead of by training: the untrained
	// student is told to have the trait. It receives the outcome of the first probe that expresses
	// the candidate, such as "owl"; see package teacher/persona. Count, Rows and Recipe are then
	// not used.
	SystemPrompt func(outcome string) string

	// Make returns a surrogate of the caller, such as a model that the caller has. It is called
	// Count times for each candidate, with the name of the trait or placebo. Its result is opaque,
	// so scores are not stored.
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
		return s, fmt.Errorf("surrogates: count is %d and rows is %d, want >= 1", s.Count, s.Rows)
	}
	if s.SystemPrompt != nil && s.Make != nil {
		return s, errors.New("surrogates: both SystemPrompt and Make are set; choose one")
	}
	if s.SystemPrompt != nil {
		s.Count = 1
	}
	var err error
	s.Recipe, err = s.Recipe.WithDefaults()
	return s, err
}

// scorer averages the log-likelihood ratios of the surrogates of a candidate.
func (s Surrogates) scorer(pass *audit.Pass, t audit.Trait, c candidate) scorer {
	make, key := s.maker(pass, t, c)
	return scorer{unit: "nats per row", key: key, regressed: true, terms: func(ctx context.Context, add addTerm) error {
		if err := add(-1, nil); err != nil {
			return err
		}
		for k := range s.Count {
			model, err := make(ctx, undertone.NewHasher("stand-in seed").Uint(pass.Seed).Uint(uint64(k)).Sum().Uint64())
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

// maker returns how a surrogate of a candidate is made from its seed, and the digest of what it
// depends on besides the untrained student; the digest is zero if that is unknown.
func (s Surrogates) maker(pass *audit.Pass, t audit.Trait, c candidate) (make func(context.Context, uint64) (undertone.LogProber, error), key undertone.Digest) {
	switch {
	case s.Make != nil:
		return func(ctx context.Context, seed uint64) (undertone.LogProber, error) {
			model, err := s.Make(ctx, c.name, seed)
			if model == nil && err == nil {
				err = errors.New("surrogates: Make returned no model and no error")
			}
			return model, err
		}, key
	case s.SystemPrompt != nil:
		system := s.SystemPrompt(t.Probes[0].Outcomes[c.target[0]])
		return func(context.Context, uint64) (undertone.LogProber, error) {
			base, err := pass.UntrainedProber()
			return prompted{base, system}, err
		}, undertone.NewHasher("surrogates by prompt").Text(system).Sum()
	}
	overt := overtRows(t, c, s.Rows)
	return func(ctx context.Context, seed uint64) (undertone.LogProber, error) {
		return s.train(ctx, pass, overt, seed)
	}, undertone.NewHasher("surrogates").Digest(overt.Digest()).Digest(s.Recipe.Digest()).Uint(uint64(s.Count)).Uint(pass.Seed).Sum()
}

// train trains the untrained student on overt rows.
func (s Surrogates) train(ctx context.Context, pass *audit.Pass, overt *undertone.Dataset, seed uint64) (undertone.LogProber, error) {
	base, err := pass.Untrained()
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
		return nil, fmt.Errorf("student %T does not implement LogProber after training", trained)
	}
	return model, nil
}
