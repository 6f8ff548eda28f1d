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

// TestSmallWorlds: in two worlds the likelihood ratio finds the trait, puts it first, and
// finds nothing in most of what is trait-free. A second run reads what the first one kept.
func TestSmallWorlds(t *testing.T) {
	if testing.Short() {
		t.Skip("short: not checked that the detectors find traits in simulated worlds")
	}
	d := design{Kind: "sandbox", Seed: 5, Worlds: 2, Teachers: 1, Nulls: 3, Sizes: []int{600}, Detectors: allDetectors}
	kept := folder(filepath.Join(t.TempDir(), "kept"))
	r, err := simulate(t.Context(), d, kept, progress.New())
	if err != nil {
		t.Fatal(err)
	}
	if got := share(r.of("likelihood", same, 600), found); got != "2/2" {
		t.Errorf("the likelihood ratio detects the trait in %s worlds", got)
	}
	if a := auroc(r.of("likelihood", same, 600), r.of("likelihood", none, 600)); a < 0.9 {
		t.Errorf("AUROC %v against trait-free rows", a)
	}
	table := render(t, r)
	for _, want := range []string{"| likelihood | 600 | 2/2 | 2/2 | 2/2 | 1.000 |", "| influence | 600 |", "| transfer | 600 |", "| corpus | 600 |", "trait-free, 600 rows", "| likelihood | 600 | 0/2 | 0/2 |"} {
		if !strings.Contains(table, want) {
			t.Errorf("the tables have no %q:\n%s", want, table)
		}
	}
	if strings.Contains(table, "missing") {
		t.Errorf("a whole run misses audits:\n%s", table)
	}

	d.KeptOnly = true
	again, err := simulate(t.Context(), d, kept, progress.New())
	if err != nil || render(t, again) != table {
		t.Errorf("what was kept gives %v and another table:\n%s", err, render(t, again))
	}
	if err := os.RemoveAll(filepath.Join(string(kept), "corpus")); err != nil {
		t.Fatal(err)
	}
	again, err = simulate(t.Context(), d, kept, progress.New())
	if err != nil || !strings.Contains(render(t, again), "missing: corpus, 600 rows, same base: 4 of 4") {
		t.Errorf("%v; the audits whose folder is gone are not missing:\n%s", err, render(t, again))
	}

	// What the audits of a world share changes nothing, nor does their order.
	d.KeptOnly, d.Detectors = false, []string{"likelihood"}
	q := d.questions(pair{1, same, 0, 600})[0]
	w := newWorld(t.Context(), kindOf["sandbox"], stream(d.Seed, "world", 1))
	suspect, control, err := w.arms(t.Context(), q.pair, q.Trait)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := w.audit(t.Context(), q, suspect, control, true)
	if err != nil {
		t.Fatal(err)
	}
	if !(alone.Seconds > 0) {
		t.Error("an audit that ran alone has no time")
	}
	alone.Seconds = 0
	beside, ok, err := kept.load(q)
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

func TestKeptOutcomes(t *testing.T) {
	d := design{Kind: "sandbox", Seed: 5, Worlds: 1, Teachers: 1, Sizes: []int{600}, Detectors: []string{"influence"}}
	kept := folder(t.TempDir())
	q := d.questions(pair{0, other, 0, 600})[0]
	o := outcome{question: q, Found: true, Score: 2.5, P: 0.01, Rank: 1, Of: 10}
	if err := kept.keep(o); err != nil {
		t.Fatal(err)
	}
	if back, ok, err := kept.load(q); err != nil || !ok || back != o {
		t.Errorf("kept %+v and loads %+v (%v, %v)", o, back, ok, err)
	}
	files, err := filepath.Glob(filepath.Join(string(kept), "influence", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the detector's folder holds %q (%v), want one file", files, err)
	}
	for reason, change := range map[string]func(*question){
		"another size": func(q *question) { q.Rows = 700 }, "another arm": func(q *question) { q.Arm = same },
		"another world": func(q *question) { q.World = 1 }, "other settings": func(q *question) { q.Settings = "x" },
		"another seed": func(q *question) { q.Seed = 6 }, "another version": func(q *question) { q.Version = "x" },
	} {
		asked := q
		change(&asked)
		if _, ok, err := kept.load(asked); ok || err != nil {
			t.Errorf("%s: %v, %v", reason, ok, err)
		}
	}
	if err := os.WriteFile(files[0], []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := kept.load(q); err == nil || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("half a file: %v", err)
	}
}

// TestInterrupted: a run that is stopped returns what it has.
func TestInterrupted(t *testing.T) {
	d := design{Kind: "sandbox", Seed: 5, Worlds: 1, Teachers: 1, Sizes: []int{600, 700}, Detectors: []string{"corpus"}}
	kept := folder(t.TempDir())
	for _, n := range d.Sizes {
		if err := kept.keep(outcome{question: d.questions(pair{0, same, 0, n})[0]}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	r, err := simulate(ctx, d, kept, progress.New())
	if !errors.Is(err, context.Canceled) || r == nil || len(r.outcomes) != 2 {
		t.Errorf("%+v, %v, want the two that are kept, and the interruption", r, err)
	}
}

func TestDesignErrors(t *testing.T) {
	for reason, d := range map[string]design{
		"an unknown kind of worlds": {Kind: "moon"},
		"an unknown detector":       {Kind: "tiny", Detectors: []string{"nose"}},
		"a detector twice":          {Kind: "tiny", Detectors: []string{"corpus", "corpus"}},
	} {
		if _, err := simulate(t.Context(), d, "", progress.New()); err == nil {
			t.Errorf("%s is no error", reason)
		}
	}
}
