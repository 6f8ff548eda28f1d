package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/experiments/internal/progress"
)

// TestSmallWorlds: in two worlds the likelihood ratio detects the trait, ranks it first, and
// detects nothing in most trait-free rows. A second run reads the stored outcomes of the first.
func TestSmallWorlds(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: that the detectors detect traits in simulated worlds")
	}
	d := design{Kind: "sandbox", Seed: 5, Worlds: 2, Teachers: 1, Nulls: 3, Sizes: []int{600}, Detectors: allDetectors}
	store := folder(filepath.Join(t.TempDir(), "store"))
	r, err := simulate(t.Context(), d, store, progress.New())
	if err != nil {
		t.Fatal(err)
	}
	if got := share(r.of("likelihood", same, 600), found); got != "2/2" {
		t.Errorf("the likelihood ratio detects the trait in %s worlds, want 2/2", got)
	}
	if a := auroc(r.of("likelihood", same, 600), r.of("likelihood", none, 600)); a < 0.9 {
		t.Errorf("the AUROC against trait-free rows is %v, want >= 0.9", a)
	}
	table := render(t, r)
	for _, want := range []string{"| likelihood | 600 | 2/2 | 2/2 | 2/2 | 1.000 |", "| influence | 600 |", "| transfer | 600 |", "| corpus | 600 |", "trait-free, 600 rows", "| likelihood | 600 | 0/2 | 0/2 |"} {
		if !strings.Contains(table, want) {
			t.Errorf("the tables lack %q:\n%s", want, table)
		}
	}
	if strings.Contains(table, "Missing") {
		t.Errorf("a complete run misses audits:\n%s", table)
	}

	d.StoredOnly = true
	again, err := simulate(t.Context(), d, store, progress.New())
	if err != nil || render(t, again) != table {
		t.Errorf("stored outcomes give the error %v and another table:\n%s", err, render(t, again))
	}
	if err := os.RemoveAll(filepath.Join(string(store), "corpus")); err != nil {
		t.Fatal(err)
	}
	again, err = simulate(t.Context(), d, store, progress.New())
	if err != nil || !strings.Contains(render(t, again), "Missing audits: corpus, 600 rows, same base: 4 of 4") {
		t.Errorf("error %v; audits without their folder are not missing:\n%s", err, render(t, again))
	}

	// An audit alone has the outcome of an audit that shares surrogates.
	d.StoredOnly, d.Detectors = false, []string{"likelihood"}
	task := d.tasks(pair{1, same, 0, 600})[0]
	w := newWorld(t.Context(), kindOf["sandbox"], stream(d.Seed, "world", 1))
	rows, err := w.arms(t.Context(), task.pair, task.Trait)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := w.audit(t.Context(), task, rows, true)
	if err != nil {
		t.Fatal(err)
	}
	if !(alone.Seconds > 0) {
		t.Error("an audit that ran alone has no time")
	}
	alone.Seconds, alone.Processor = 0, 0
	beside, ok, err := store.load(task)
	if err != nil || !ok || !reflect.DeepEqual(alone, beside) {
		t.Errorf("alone %+v, beside others %+v (%v, %v)", alone, beside, ok, err)
	}
}

func render(t *testing.T, r *results) string {
	t.Helper()
	var out strings.Builder
	if err := r.render(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestStoredOutcomes(t *testing.T) {
	d := design{Kind: "sandbox", Seed: 5, Worlds: 1, Teachers: 1, Sizes: []int{600}, Detectors: []string{"influence"}}
	store := folder(t.TempDir())
	of := d.tasks(pair{0, other, 0, 600})[0]
	o := outcome{task: of, Found: true, Score: 2.5, P: 0.01, Rank: 1, Of: 10}
	if err := store.save(o); err != nil {
		t.Fatal(err)
	}
	if back, ok, err := store.load(of); err != nil || !ok || back != o {
		t.Errorf("stored %+v and loaded %+v (%v, %v)", o, back, ok, err)
	}
	files, err := filepath.Glob(filepath.Join(string(store), "influence", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the folder of the detector holds %q (%v), want one file", files, err)
	}
	for reason, change := range map[string]func(*task){
		"another size": func(t *task) { t.Rows = 700 }, "another source": func(t *task) { t.Source = same },
		"another world": func(t *task) { t.World = 1 }, "other settings": func(t *task) { t.Settings = "x" },
		"another seed": func(t *task) { t.Seed = 6 }, "another version": func(t *task) { t.Version = "x" },
	} {
		changed := of
		change(&changed)
		if _, ok, err := store.load(changed); ok || err != nil {
			t.Errorf("%s: loaded is %v, error %v, want no outcome", reason, ok, err)
		}
	}
	if err := os.WriteFile(files[0], []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := store.load(of); ok || err != nil {
		t.Errorf("an incomplete file: loaded is %v, error %v, want no outcome", ok, err)
	}
}

// TestInterrupted: an interrupted run returns the outcomes that it has.
func TestInterrupted(t *testing.T) {
	d := design{Kind: "sandbox", Seed: 5, Worlds: 1, Teachers: 1, Sizes: []int{600, 700}, Detectors: []string{"corpus"}}
	store := folder(t.TempDir())
	for _, n := range d.Sizes {
		if err := store.save(outcome{task: d.tasks(pair{0, same, 0, n})[0]}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	r, err := simulate(ctx, d, store, progress.New())
	if !errors.Is(err, context.Canceled) || r == nil || len(r.outcomes) != 2 {
		t.Errorf("results %+v, error %v, want the two stored outcomes and context.Canceled", r, err)
	}
}

func TestDesignErrors(t *testing.T) {
	for reason, d := range map[string]design{
		"an unknown kind of worlds": {Kind: "moon"},
		"an unknown detector":       {Kind: "tiny", Detectors: []string{"nose"}},
		"a detector twice":          {Kind: "tiny", Detectors: []string{"corpus", "corpus"}},
	} {
		if _, err := simulate(t.Context(), d, "", progress.New()); err == nil {
			t.Errorf("%s: no error", reason)
		}
	}
}
