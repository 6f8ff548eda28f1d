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
		{"a system prompt makes one surrogate", Surrogates{Count: 3, SystemPrompt: persona}, 1, 960, batches},
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
		{"two ways to make surrogates", "both SystemPrompt and Make are set; choose one", Surrogates{SystemPrompt: persona, Make: maker(fake.Student{})}},
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
			if c.s.Make != nil && c.s.SystemPrompt == nil && !errors.Is(err, failed) {
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
