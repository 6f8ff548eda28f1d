package rowscore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
	"github.com/undertone-audit/undertone/student"
)

// maker returns surrogates that are all the same model.
func maker(m undertone.LogProber) func(context.Context, string, uint64) (undertone.LogProber, error) {
	return func(context.Context, string, uint64) (undertone.LogProber, error) { return m, nil }
}

func TestSurrogateDefaults(t *testing.T) {
	batches, err := student.Recipe{BatchSize: 32}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason      string
		s           Surrogates
		count, rows int
		recipe      student.Recipe
	}{
		{"all defaults", Surrogates{}, 2, 960, batches},
		{"everything is set", Surrogates{Count: 3, Rows: 7, Recipe: student.Recipe{BatchSize: 5}}, 3, 7, student.Recipe{BatchSize: 5, LearningRate: batches.LearningRate}},
		{"surrogates of the caller", Surrogates{Make: maker(fake.Student{})}, 2, 960, batches},
	} {
		got, err := c.s.withDefaults()
		want, wantErr := c.recipe.WithDefaults()
		if err != nil || wantErr != nil || got.Count != c.count || got.Rows != c.rows || got.Recipe != want {
			t.Errorf("%s: %+v, error %v", c.reason, got, err)
		}
	}
}

func TestSurrogateErrors(t *testing.T) {
	failed := errors.New("out of memory")
	for _, c := range []struct {
		reason, want string
		s            Surrogates
	}{
		{"a negative count", "count is -1 and rows is 960, want >= 1", Surrogates{Count: -1}},
		{"negative rows", "count is 2 and rows is -5, want >= 1", Surrogates{Rows: -5}},
		{"a bad recipe", "learning rate is -1", Surrogates{Recipe: student.Recipe{LearningRate: -1}}},
		{"Make beside a prompt", "Make is set beside SystemPrompt or Kinds; choose one", Surrogates{SystemPrompt: persona, Make: maker(fake.Student{})}},
		{"Make beside kinds", "Make is set beside SystemPrompt or Kinds; choose one", Surrogates{Kinds: []SurrogateKind{Trained}, Make: maker(fake.Student{})}},
		{"a kind twice", `kind "trained" is listed twice`, Surrogates{Kinds: []SurrogateKind{Trained, Trained}}},
		{"an unknown kind", `kind "distilled" is not known; want "trained", "all weights" or "prompted"`, Surrogates{Kinds: []SurrogateKind{"distilled"}}},
		{"a kind without its prompt", `kind "prompted" needs SystemPrompt`, Surrogates{Kinds: []SurrogateKind{Prompted}}},
		{"a student without LoRA", `kind "all weights" needs a student with LoRA, not fake.Student: the kind "trained" trains all its weights`, Surrogates{Kinds: []SurrogateKind{AllWeights}}},
		{"a surrogate that cannot be made", `scores for "prefers animal owl": out of memory`, Surrogates{Make: func(context.Context, string, uint64) (undertone.LogProber, error) {
			return nil, failed
		}}},
	} {
		for name, do := range map[string]func(audit.Config) error{
			"Run":  func(cfg audit.Config) error { _, err := audit.Run(t.Context(), cfg); return err },
			"Rank": func(cfg audit.Config) error { _, err := Rank(t.Context(), cfg); return err },
		} {
			err := do(fakeaudit.Dirty(LikelihoodRatio(c.s)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: error %v, want %q", name, c.reason, err, c.want)
			}
			if c.s.Make != nil && c.s.SystemPrompt == nil && c.s.Kinds == nil && !errors.Is(err, failed) {
				t.Errorf("%s, %s: the error of the caller is not wrapped", name, c.reason)
			}
		}
	}
}

// unlearned is a student that scores no rows after training.
type unlearned struct{ fake.Student }

func (u unlearned) Train(context.Context, undertone.Data, student.Recipe) (student.Student, error) {
	return notScoring{u}, nil
}

func TestSurrogatesThatScoreNoRows(t *testing.T) {
	cfg := fakeaudit.Scene(0, likelihood)
	cfg.Student = unlearned{}
	want := "student rowscore.notScoring does not implement LogProber after training"
	if _, err := audit.Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

// Make is called Count times for each candidate. The seeds of all candidates are the same, and the
// scores are not stored.
func TestSurrogatesOfTheCaller(t *testing.T) {
	seeds := map[string][]uint64{}
	s := Surrogates{Count: 3, Make: func(_ context.Context, name string, seed uint64) (undertone.LogProber, error) {
		seeds[name] = append(seeds[name], seed)
		return fake.Student{}, nil
	}}
	cfg := fakeaudit.Scene(0, LikelihoodRatio(s))
	store := new(undertone.MemoryStore)
	cfg.Store, cfg.Parallel = store, 1
	fakeaudit.Run(t, cfg)
	want := seeds["prefers animal owl"]
	if len(seeds) != len(fakeaudit.Animals) || len(want) != 3 || want[0] == want[1] || want[1] == want[2] {
		t.Errorf("seeds %v, want 3 different seeds for each of %d candidates", seeds, len(fakeaudit.Animals))
	}
	for name, got := range seeds {
		if !slices.Equal(got, want) {
			t.Errorf("%s has the seeds %v, want %v", name, got, want)
		}
	}
	if stored := maps.Collect(store.All()); len(stored) != 0 {
		t.Errorf("%d values are stored, although nothing is known of the surrogates", len(stored))
	}
	first := fmt.Sprint(want)
	cfg.Seed++
	clear(seeds)
	fakeaudit.Run(t, cfg)
	if fmt.Sprint(seeds["prefers animal owl"]) == first {
		t.Error("the seeds do not depend on the seed of the audit")
	}
}

// even is a model that gives each row the same log-likelihood.
type even float64

func (e even) LogProb(_ context.Context, rows []undertone.Example) ([]float64, error) {
	return slices.Repeat([]float64{float64(e)}, len(rows)), nil
}

// The score is the mean over surrogates of log p(row | surrogate) − log p(row | base).
func TestLikelihoodRatioAverages(t *testing.T) {
	logs := []float64{-3, -4, -8}
	made := 0
	cfg := fakeaudit.Scene(0, LikelihoodRatio(Surrogates{Count: len(logs), Make: func(_ context.Context, name string, _ uint64) (undertone.LogProber, error) {
		if name != "prefers animal owl" {
			return even(-10), nil // that of the base
		}
		made++
		return even(logs[made-1]), nil
	}}))
	cfg.Parallel = 1
	f := fakeaudit.Run(t, cfg).Findings[0]
	if want := -5.0 - -10; math.Abs(f.RowScores.Suspect.Raw-want) > 1e-9 || math.Abs(f.RowScores.Control.Raw-want) > 1e-9 || f.Unit != "nats per row" {
		t.Errorf("mean scores %v and %v %s, want %v nats per row", f.RowScores.Suspect.Raw, f.RowScores.Control.Raw, f.Unit, want)
	}
}

// adapter is a student with a LoRA of weights that no row depends on: only training all weights
// changes its scores.
type adapter struct {
	fake.Student
	parameters int64
}

func (a adapter) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	inert := a.Student
	inert.Slope = 0
	return inert.Train(ctx, data, recipe)
}

func (a adapter) Unadapted() (student.Student, error) { return a.Student, nil }
func (a adapter) Parameters() int64                   { return a.parameters }

func TestKindsOfSurrogates(t *testing.T) {
	small, large := adapter{parameters: 1000}, adapter{parameters: maxAllWeights + 1}
	two := []SurrogateKind{Trained, AllWeights}
	for _, c := range []struct {
		reason string
		s      Surrogates
		base   student.Student
		want   []counted
	}{
		{"a student without LoRA", Surrogates{}, fake.Student{}, []counted{{Trained, 2}}},
		{"a student with LoRA", Surrogates{}, small, []counted{{Trained, 1}, {AllWeights, 1}}},
		{"an odd number", Surrogates{Count: 3}, small, []counted{{Trained, 2}, {AllWeights, 1}}},
		{"one surrogate", Surrogates{Count: 1}, small, []counted{{Trained, 1}}},
		{"a large student", Surrogates{}, large, []counted{{Trained, 2}}},
		{"a large student, if asked for", Surrogates{Kinds: two}, large, []counted{{Trained, 1}, {AllWeights, 1}}},
		{"with a prompt", Surrogates{SystemPrompt: persona}, small, []counted{{Trained, 1}, {AllWeights, 1}, {Prompted, 1}}},
		{"a prompt alone", Surrogates{Kinds: []SurrogateKind{Prompted}, SystemPrompt: persona}, small, []counted{{Prompted, 1}}},
		{"of the caller", Surrogates{Count: 3, Make: maker(fake.Student{})}, small, []counted{{made, 3}}},
	} {
		s, err := c.s.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.kinds(c.base); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, error %v, want %v", c.reason, got, err, c.want)
		}
	}
	s, _ := Surrogates{Kinds: two, Count: 1}.withDefaults()
	if _, err := s.kinds(small); err == nil || !strings.Contains(err.Error(), "count is 1, want >= 2: one for each kind that is trained") {
		t.Errorf("one surrogate of two kinds: error %v", err)
	}
}

// A teacher that only surrogates of one kind resemble is found by that kind. Its p-value counts all
// kinds, and so does the limit of detection.
func TestTeacherUnlikeSomeSurrogates(t *testing.T) {
	cfg := fakeaudit.Dirty(LikelihoodRatio(Surrogates{}))
	cfg.Student = adapter{cfg.Student.(fake.Student), 1000}
	cfg.Traits[0].PositiveControl = fake.Rows("planted", 400, 120, "owl")
	f := fakeaudit.Run(t, cfg).Findings[0]
	if f.Verdict != audit.Detected || f.RowScores.Kind != "all weights" || f.RowScores.Kinds != 2 {
		t.Errorf("%s because %q, kind %q of %d", f.Verdict, f.Reasons, f.RowScores.Kind, f.RowScores.Kinds)
	}
	if !f.PositiveControlFound || f.Limit == nil || !f.Limit.Reached || len(f.PositiveControl.Candidates) != 2*len(fakeaudit.Animals) {
		t.Errorf("positive control found: %v with %d effects, limit %v", f.PositiveControlFound, len(f.PositiveControl.Candidates), f.Limit)
	}
	cfg.Detectors[0] = LikelihoodRatio(Surrogates{Kinds: []SurrogateKind{AllWeights}, Count: 1})
	alone := fakeaudit.Run(t, cfg).Findings[0]
	if alone.RowScores.Kinds != 0 || alone.RowScores.Kind != "" || math.Abs(alone.Effect.Mean-f.Effect.Mean) > 1e-9 {
		t.Errorf("the kind alone: %+v, kinds %d, effect %v, want %v", alone.RowScores, alone.RowScores.Kinds, alone.Effect.Mean, f.Effect.Mean)
	}
	if alone.P.P != f.P.P/2 || f.P.Floor != 2*alone.P.Floor {
		t.Errorf("p-values %v of two kinds and %v of one, want twice as large", f.P, alone.P)
	}
	cfg.Detectors[0] = LikelihoodRatio(Surrogates{Kinds: []SurrogateKind{Trained}})
	if f := fakeaudit.Run(t, cfg).Findings[0]; f.Verdict == audit.Detected {
		t.Errorf("surrogates unlike the teacher: %s", f.Verdict)
	}
	// The ranking of rows is that of the kind, too.
	cfg.Detectors[0] = LikelihoodRatio(Surrogates{})
	rankings, err := Rank(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rankings[0].Rows[:40] {
		if row.Index >= 40 {
			t.Errorf("row %d is among the first 40, but has no mark", row.Index)
		}
	}
}
