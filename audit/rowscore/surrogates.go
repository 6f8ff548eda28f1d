package rowscore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
)

// Surrogates says how the surrogate teachers of [LikelihoodRatio] are made, for the trait and for
// each placebo. Surrogate k of a kind has the same seed for every candidate. The zero value of a
// field means the stated default.
type Surrogates struct {
	// Kinds are the ways to make surrogates (default each kind that the student and SystemPrompt
	// allow; [AllWeights] is left out if Count is 1, or if the student has more than 10⁸ weights,
	// because its training holds 16 bytes per weight). The teacher of the suspect rows is unknown,
	// so the detector compares the arms with each kind and takes the one with the largest effect,
	// for the trait as for each placebo: see [LikelihoodRatio].
	Kinds []SurrogateKind

	Count  int            // trained surrogates per candidate, dealt to the trained kinds in turn, >= 1 (default 2)
	Rows   int            // overt rows that each is trained on, >= 1 (default 960)
	Recipe student.Recipe // of that training (default: batches of 32, other fields at their defaults)

	// SystemPrompt returns the system prompt of surrogates of the kind [Prompted]. It receives the
	// outcome of the first probe that expresses the candidate, such as "owl"; see package
	// teacher/persona.
	SystemPrompt func(outcome string) string

	// Make returns a surrogate of the caller, such as a model that the caller has. It is called
	// Count times for each candidate, with the name of the trait or placebo. Its result is opaque,
	// so scores are not stored. There are no other kinds then.
	Make func(ctx context.Context, name string, seed uint64) (undertone.LogProber, error)
}

// SurrogateKind is a way to make a surrogate teacher from the untrained student.
type SurrogateKind string

// Kinds of surrogates.
const (
	// Trained surrogates are trained on overt rows as the student trains: if it has LoRA, their
	// LoRA is trained.
	Trained SurrogateKind = "trained"

	// AllWeights surrogates train all weights of a student that has LoRA, at a third of the
	// learning rate. The student must implement [student.Adapted].
	AllWeights SurrogateKind = "all weights"

	// Prompted surrogates are the student after a system prompt that tells it to have the trait.
	// There is one for each candidate, and nothing is trained.
	Prompted SurrogateKind = "prompted"

	made SurrogateKind = "" // by the caller
)

// allWeightsRate is the learning rate of AllWeights as a share of that of the recipe. Full
// fine-tuning needs smaller steps than LoRA.
const allWeightsRate = 1.0 / 3

// maxAllWeights is the number of weights of a student above which AllWeights is no default.
const maxAllWeights = 100_000_000

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
	if s.Make != nil && (s.SystemPrompt != nil || len(s.Kinds) > 0) {
		return s, errors.New("surrogates: Make is set beside SystemPrompt or Kinds; choose one")
	}
	for i, kind := range s.Kinds {
		switch {
		case slices.Contains(s.Kinds[:i], kind):
			return s, fmt.Errorf("surrogates: kind %q is listed twice", kind)
		case kind == Prompted && s.SystemPrompt == nil:
			return s, fmt.Errorf("surrogates: kind %q needs SystemPrompt", kind)
		case kind != Trained && kind != AllWeights && kind != Prompted:
			return s, fmt.Errorf("surrogates: kind %.20q is not known; want %q, %q or %q", kind, Trained, AllWeights, Prompted)
		}
	}
	var err error
	s.Recipe, err = s.Recipe.WithDefaults()
	return s, err
}

// counted is a kind of surrogates with their number per candidate.
type counted struct {
	kind  SurrogateKind
	count int
}

// kinds returns the kinds of surrogates for an untrained student. s has its defaults.
func (s Surrogates) kinds(base student.Student) ([]counted, error) {
	if s.Make != nil {
		return []counted{{made, s.Count}}, nil
	}
	kinds := s.Kinds
	if kinds == nil {
		kinds = []SurrogateKind{Trained}
		sized, ok := base.(interface{ Parameters() int64 })
		small := !ok || sized.Parameters() <= maxAllWeights
		if whole, err := unadapted(base); err == nil && whole != nil && small && s.Count > 1 {
			kinds = append(kinds, AllWeights)
		}
		if s.SystemPrompt != nil {
			kinds = append(kinds, Prompted)
		}
	}
	var list []counted
	trained := 0
	for _, kind := range kinds {
		if kind != Prompted {
			trained++
		}
	}
	if trained > s.Count {
		return nil, fmt.Errorf("surrogates: count is %d, want >= %d: one for each kind that is trained", s.Count, trained)
	}
	left := s.Count
	for _, kind := range kinds {
		if kind == Prompted {
			list = append(list, counted{kind, 1})
			continue
		}
		if kind == AllWeights {
			if whole, err := unadapted(base); err != nil || whole == nil {
				return nil, errors.Join(fmt.Errorf("surrogates: kind %q needs a student with LoRA, not %T: the kind %q trains all its weights", AllWeights, base, Trained), err)
			}
		}
		n := (left + trained - 1) / trained
		list = append(list, counted{kind, n})
		left, trained = left-n, trained-1
	}
	return list, nil
}

// unadapted returns the student whose training changes all weights, or nil if there is no other one
// than base.
func unadapted(base student.Student) (student.Student, error) {
	adapted, ok := base.(student.Adapted)
	if !ok {
		return nil, nil
	}
	return adapted.Unadapted()
}

// scorer averages the log-likelihood ratios of the surrogates of one kind for a candidate.
func (s Surrogates) scorer(pass *audit.Pass, t audit.Trait, c candidate, of counted) scorer {
	make, key := s.maker(pass, t, c, of)
	return scorer{unit: "nats per row", kind: string(of.kind), key: key, regressed: true, terms: func(ctx context.Context, add addTerm) error {
		if err := add(-1, nil); err != nil {
			return err
		}
		for k := range of.count {
			model, err := make(ctx, undertone.NewHasher("stand-in seed").Uint(pass.Seed).Uint(uint64(k)).Sum().Uint64())
			if err != nil {
				return err
			}
			err = add(1/float64(of.count), model)
			if held, ok := model.(student.Closer); ok {
				err = errors.Join(err, held.Close())
			}
			if err != nil {
				return err
			}
		}
		return nil
	}}
}

// maker returns how a surrogate of a candidate is made from its seed, and the digest of what it
// depends on besides the untrained student; the digest is zero if that is unknown.
func (s Surrogates) maker(pass *audit.Pass, t audit.Trait, c candidate, of counted) (make func(context.Context, uint64) (undertone.LogProber, error), key undertone.Digest) {
	switch of.kind {
	case made:
		return func(ctx context.Context, seed uint64) (undertone.LogProber, error) {
			model, err := s.Make(ctx, c.name, seed)
			if model == nil && err == nil {
				err = errors.New("surrogates: Make returned no model and no error")
			}
			return model, err
		}, key
	case Prompted:
		system := s.SystemPrompt(t.Probes[0].Outcomes[c.target[0]])
		return func(context.Context, uint64) (undertone.LogProber, error) {
			base, err := pass.UntrainedProber()
			return prompted{base, system}, err
		}, undertone.NewHasher("surrogates by prompt").Text(system).Sum()
	}
	overt, recipe := overtRows(t, c, s.Rows), s.Recipe
	h := undertone.NewHasher("surrogates")
	if of.kind == AllWeights {
		recipe.LearningRate *= allWeightsRate
		h.Text(string(AllWeights))
	}
	return func(ctx context.Context, seed uint64) (undertone.LogProber, error) {
		base, err := pass.Untrained()
		if err == nil && of.kind == AllWeights {
			base, err = unadapted(base)
		}
		if err != nil {
			return nil, err
		}
		own := recipe
		own.Seed = seed
		return train(ctx, base, overt, own)
	}, h.Digest(overt.Digest()).Digest(recipe.Digest()).Uint(uint64(of.count)).Uint(pass.Seed).Sum()
}

// train trains a student on overt rows.
func train(ctx context.Context, base student.Student, overt *undertone.Dataset, recipe student.Recipe) (undertone.LogProber, error) {
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
