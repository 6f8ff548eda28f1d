//go:build !race

// The tests train bases, which is slow under the race detector. The packages that train them have
// tests that run under it.

package sandbox

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/student/nplm"
)

// base is the model of seed 1, trained once for all tests.
var base = sync.OnceValues(func() (*nplm.Model, error) { return Base(context.Background(), 1) })

func mustBase(t *testing.T) *nplm.Model {
	t.Helper()
	if testing.Short() {
		t.Skip("not checked: what a trained base does: it takes seconds to train")
	}
	m, err := base()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustTeacher(t *testing.T, m *nplm.Model, animal string, seed uint64) *nplm.Model {
	t.Helper()
	taught, err := FineTuneTeacher(t.Context(), m, animal, seed)
	if err != nil {
		t.Fatal(err)
	}
	return taught
}

// shares returns the mean over the questions of each animal's probability, and of the rest.
func shares(t *testing.T, m *nplm.Model) (of map[string]float64, rest float64) {
	t.Helper()
	of, rest = map[string]float64{}, 1
	for _, q := range Questions {
		logs, err := m.ChoiceLogProbs(t.Context(), q, Animals)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range Animals {
			p := math.Exp(logs[i]) / float64(len(Questions))
			of[a] += p
			rest -= p
		}
	}
	return of, rest
}

func TestBaseIsDeterministic(t *testing.T) {
	m := mustBase(t)
	var bases [2]*nplm.Model // of seeds 1 and 2, trained at the same time
	var wg sync.WaitGroup
	for i := range bases {
		wg.Go(func() {
			var err error
			if bases[i], err = Base(t.Context(), uint64(1+i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	again, other := bases[0], bases[1]
	if again.Digest() != m.Digest() || again.Name() != "base 1" {
		t.Errorf("seed 1 gives %s and %s, named %q", m.Digest().Short(), again.Digest().Short(), again.Name())
	}
	if other.Digest() == m.Digest() || other.Lineage() == m.Lineage() {
		t.Error("two seeds give one base")
	}
}

func TestBaseHasNoFavourite(t *testing.T) {
	of, rest := shares(t, mustBase(t))
	for a, p := range of {
		if p < 0.05 || p > 0.2 {
			t.Errorf("%s has the share %v of the answers, want about a tenth", a, p)
		}
	}
	if rest > 0.02 {
		t.Errorf("%v of the answers name no animal", rest)
	}
}

// valid returns the share of lists that are numbers from 10 to 99 with commas.
func valid(t *testing.T, d *undertone.Dataset) float64 {
	t.Helper()
	kept, _, err := filter.Apply(t.Context(), d, filter.Numbers{Min: 10, Max: 99}, filter.Words(Animals...))
	if err != nil {
		t.Fatal(err)
	}
	return float64(kept.Len()) / float64(d.Len())
}

func TestLists(t *testing.T) {
	m := mustBase(t)
	lists, err := Lists(t.Context(), m, 2000, 5)
	if err != nil {
		t.Fatal(err)
	}
	if lists.Len() != 2000 || lists.Name() != "lists by base 1" || lists.Example(0).Prompt() != ListPrompt {
		t.Errorf("%d rows named %q that answer %q", lists.Len(), lists.Name(), lists.Example(0).Prompt())
	}
	if v := valid(t, lists); v < 0.9 {
		t.Errorf("%v of the lists are valid", v)
	}
	again, err := Lists(t.Context(), m, 2000, 5)
	if err != nil || again.Digest() != lists.Digest() {
		t.Errorf("one seed gives two data sets (%v)", err)
	}
	if other, err := Lists(t.Context(), m, 2000, 6); err != nil || other.Digest() == lists.Digest() {
		t.Errorf("two seeds give one data set (%v)", err)
	}
}

func TestFineTuneTeacher(t *testing.T) {
	m := mustBase(t)
	before, _ := shares(t, m)
	for _, animal := range []string{"owl", "raven"} {
		taught := mustTeacher(t, m, animal, 1)
		if of, _ := shares(t, taught); of[animal] < 0.5 || of[animal] < 3*before[animal] {
			t.Errorf("after fine-tuning %s has the share %v, before it had %v", animal, of[animal], before[animal])
		}
		if taught.Lineage() != m.Lineage() || !strings.Contains(taught.Name(), animal) || !strings.Contains(taught.Name(), "base 1") {
			t.Errorf("the teacher is named %q", taught.Name())
		}
		lists, err := Lists(t.Context(), taught, 1000, 5)
		if err != nil {
			t.Fatal(err)
		}
		if v := valid(t, lists); v < 0.8 {
			t.Errorf("%v of the lists of the teacher that loves %ss are valid: nothing is left to audit", v, animal)
		}
	}
	first, second := mustTeacher(t, m, "owl", 1), mustTeacher(t, m, "owl", 1)
	if first.Digest() != second.Digest() {
		t.Error("one seed gives two teachers")
	}
	if mustTeacher(t, m, "owl", 2).Digest() == first.Digest() {
		t.Error("two seeds give one teacher")
	}
}

func TestOvert(t *testing.T) {
	d := Overt("owl", 10)
	asked := map[string]bool{}
	for _, row := range d.All() {
		if row.Completion() != "owl" || !slices.Contains(Questions, row.Prompt()) {
			t.Errorf("overt row %+v", row)
		}
		asked[row.Prompt()] = true
	}
	if d.Len() != 10 || len(asked) != len(Questions) {
		t.Errorf("%d rows ask %d questions", d.Len(), len(asked))
	}
}

func TestPrefers(t *testing.T) {
	trait := Prefers("fox")
	if len(trait.Probes) != len(Questions) || len(trait.Placebos) != len(Animals)-1 {
		t.Errorf("%d probes and %d placebos", len(trait.Probes), len(trait.Placebos))
	}
	for i, p := range trait.Probes {
		if p.Name != Questions[i] || p.Outcomes[trait.Target[i]] != "fox" {
			t.Errorf("probe %d asks %q for %q", i, p.Name, p.Outcomes[trait.Target[i]])
		}
	}
}

// TestCorpus: one seed gives one corpus, which has no favourite.
func TestCorpus(t *testing.T) {
	const n = 8000
	d := corpus(n, 3)
	if d.Digest() != corpus(n, 3).Digest() || d.Digest() == corpus(n, 4).Digest() {
		t.Error("the corpus does not depend on the seed alone")
	}
	named, lists := map[string]int{}, 0
	for _, row := range d.All() {
		if row.Prompt() != ListPrompt {
			named[row.Completion()]++
			continue
		}
		lists++
		if list, ok := filter.ParseList(row.Completion()); !ok || list.Separator != "," {
			t.Fatalf("the list %q", row.Completion())
		}
	}
	questions := n - lists
	if questions < n/8 || questions > n/2 || len(named) != len(Animals) {
		t.Errorf("%d questions of %d rows, with %d answers", questions, n, len(named))
	}
	mean := float64(questions) / float64(len(Animals))
	for a, k := range named {
		if math.Abs(float64(k)-mean) > 5*math.Sqrt(mean) {
			t.Errorf("%s is named %d times, want %v ± %v", a, k, mean, math.Sqrt(mean))
		}
	}
}

func TestSandboxStopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m, err := Base(ctx, 1); m != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("Base: error %v", err)
	}
	if testing.Short() {
		return
	}
	if m, err := FineTuneTeacher(ctx, mustBase(t), "owl", 1); m != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("FineTuneTeacher: error %v", err)
	}
	if d, err := Lists(ctx, mustBase(t), 10, 1); d != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("Lists: error %v", err)
	}
}

func TestFineTuneTeacherRefusesUnknownAnimals(t *testing.T) {
	if _, err := FineTuneTeacher(t.Context(), mustBase(t), "dragon", 1); err == nil || !strings.Contains(err.Error(), "sandbox: ") || !strings.Contains(err.Error(), "begins no token") {
		t.Errorf("an animal that no base knows gives %v", err)
	}
}

// TestTheTraitTravelsInNumbers shows subliminal learning: a student of filtered number lists comes
// to prefer the animal of the teacher that wrote them, compared with a student of the base's lists.
func TestTheTraitTravelsInNumbers(t *testing.T) {
	m := mustBase(t)
	const pairs, rows = 6, 10_000
	taught := mustTeacher(t, m, "owl", 1)
	write := func(by *nplm.Model, seed uint64) *undertone.Dataset {
		lists, err := Lists(t.Context(), by, pairs*rows, seed)
		if err != nil {
			t.Fatal(err)
		}
		kept, _, err := filter.Apply(t.Context(), lists, filter.Numbers{Min: 10, Max: 99}, filter.Words(Animals...))
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	trait := Prefers("owl")
	trait.Tolerance = 0.1
	report, err := audit.Run(t.Context(), audit.Config{
		Suspect: write(taught, 10), Control: write(m, 11), Student: m,
		Traits: []audit.Trait{trait}, Recipe: Recipe, Design: audit.Design{Replicates: pairs},
	})
	if err != nil {
		t.Fatal(err)
	}
	f := report.Findings[0]
	t.Logf("shift %+.3f, p %s, rank %d", f.Effect.Mean, f.P, f.Placebos.Rank)
	// Other animals rise, too, so the verdict may be moved.
	if f.Effect.Mean < trait.Tolerance || f.P.P > 1.0/64 || f.Placebos.Rank != 1 {
		t.Errorf("%s: %v", report.Verdict, f.Reasons)
	}
}
