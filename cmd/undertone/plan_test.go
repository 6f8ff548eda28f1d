package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/student"
)

// The requested plan is taken if it fits. Otherwise rows are left out before detectors.
func TestStrongest(t *testing.T) {
	u := unitCosts{trainRow: 1e-3, overtRow: 1e-3, scoreRow: 1e-4, askProbes: 0.01}
	w := workload{rows: 4000, epochs: 1, arms: 3, candidates: 10, traits: 1, alpha: 0.05}
	interim := w
	interim.interim = true
	two := rowscore.Surrogates{Count: 2}
	prompted := rowscore.Surrogates{Count: 1, SystemPrompt: lovingPrompt}
	all := plan{[]string{"transfer", "likelihood", "influence"}, 12, 4000, two}
	for _, c := range []struct {
		reason    string
		requested plan
		w         workload
		budget    time.Duration
		want      string
		omitted   string
		tooSmall  bool
	}{
		// Transfer takes 12.48 s, likelihood 1.2 + 20·(0.96 + 1.2) s, influence 24 s, all times
		// 1.25.
		{"everything", all, w, 110 * time.Second, "--detectors transfer,likelihood,influence --replicates 12 --rows 4000 --surrogates 2", "", false},
		{"one surrogate in place of two", all, w, 80 * time.Second, "--detectors transfer,likelihood,influence --replicates 12 --rows 4000 --surrogates 1", "1 of 2 surrogates per candidate", false},
		{"half of the rows", all, w, 45 * time.Second, "--detectors transfer,likelihood,influence --replicates 12 --rows 2000 --surrogates 1", "2000 of 4000 rows per arm; 1 of 2 surrogates per candidate", false},
		{"a quarter of the rows", plan{[]string{"transfer"}, 12, 4000, two}, w, 5 * time.Second, "--detectors transfer --replicates 12 --rows 1000", "3000 of 4000 rows per arm", false},
		{"influence is left out first", all, w, 21 * time.Second, "--detectors transfer,likelihood --replicates 12 --rows 1000 --surrogates 1", "the detector influence; 3000 of 4000 rows per arm; 1 of 2 surrogates per candidate", false},
		{"no more replicates than the test needs", all, w, 15500 * time.Millisecond, "--detectors transfer --replicates 5 --rows 4000", "the detector likelihood; the detector influence; 7 of 12 replicates", false},
		{"an interim look needs one replicate more", all, interim, 15600 * time.Millisecond, "--detectors transfer --replicates 6 --rows 4000", "the detector likelihood; the detector influence; 6 of 12 replicates", false},
		{"surrogates by a prompt need no training", plan{[]string{"likelihood"}, 12, 4000, prompted}, w, 18 * time.Second, "--detectors likelihood --replicates 12 --rows 4000 --personas", "", false},
		{"corpus alone is no audit", plan{[]string{"likelihood", "corpus"}, 12, 4000, two}, w, time.Second, "--detectors likelihood,corpus --replicates 5 --rows 1000 --surrogates 1", "3000 of 4000 rows per arm; 7 of 12 replicates; 1 of 2 surrogates per candidate", true},
		{"nothing fits", all, w, 100 * time.Millisecond, "--detectors transfer --replicates 5 --rows 250", "the detector likelihood; the detector influence; 3750 of 4000 rows per arm; 7 of 12 replicates", true},
	} {
		got, fits := u.strongest(c.requested, c.w, c.budget)
		omitted := strings.Join(got.omitted(c.requested), "; ")
		if fits == c.tooSmall || got.flags() != c.want || omitted != c.omitted {
			t.Errorf("%s: %s without %q, fits: %v\nwant %s without %q", c.reason, got.flags(), omitted, fits, c.want, c.omitted)
		}
		if took := u.seconds(got, c.w); took > c.budget.Seconds() == fits {
			t.Errorf("%s: the plan takes %v s", c.reason, took)
		}
	}
}

// A larger budget never gives a plan of less work.
func TestStrongestGrowsWithTheBudget(t *testing.T) {
	u := unitCosts{trainRow: 1e-3, overtRow: 2e-3, scoreRow: 1e-4, askProbes: 0.02, corpusRow: 1e-4}
	w := workload{rows: 3000, epochs: 2, arms: 2, candidates: 12, traits: 2, alpha: 0.05}
	requested := plan{[]string{"transfer", "corpus"}, 12, 3000, rowscore.Surrogates{Count: 2}}
	last := 0.0
	for seconds := 1; seconds < 40; seconds++ {
		p, fits := u.strongest(requested, w, time.Duration(seconds)*time.Second)
		if !fits {
			continue
		}
		took := u.seconds(p, w)
		if took < last {
			t.Errorf("with %d s the plan takes %v s, with less time %v s", seconds, took, last)
		}
		last = took
	}
	if last == 0 {
		t.Error("no plan fits")
	}
}

func TestSharedRowsCostEachReplicate(t *testing.T) {
	u, p := unitCosts{trainRow: 1}, plan{[]string{"transfer"}, 6, 100, rowscore.Surrogates{}}
	w := workload{rows: 100, epochs: 2, arms: 2}
	parts := u.seconds(p, w)
	w.whole = 4
	split := u.seconds(p, w)
	w.arms = 3 // and a positive control
	planted := u.seconds(p, w)
	w.arms, w.shareRows = 2, true
	if shared := u.seconds(p, w); parts != 1.25*400 || split != 5*parts || planted != 7*parts || shared != 6*parts {
		t.Errorf("parts take %v s, with all rows %v s, with a positive control %v s, shared rows %v s; want 500, 2500, 3500 and 3000", parts, split, planted, shared)
	}
}

func TestFewerDetectors(t *testing.T) {
	for _, c := range []struct{ of, want []string }{
		{[]string{"transfer", "influence"}, []string{"[transfer influence]", "[transfer]"}},
		{[]string{"influence"}, []string{"[influence]"}},
		{[]string{"corpus", "influence", "likelihood"}, []string{"[corpus influence likelihood]", "[corpus likelihood]"}},
	} {
		var got []string
		for _, s := range fewerDetectors(c.of) {
			got = append(got, fmt.Sprint(s))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("of %v: %v, want %v", c.of, got, c.want)
		}
	}
}

// Two traits on one list of answers share their surrogates, and a positive control is one more arm.
func TestNewWorkload(t *testing.T) {
	rows := func(n int) undertone.Data {
		return undertone.NewDataset("rows", make([]undertone.Example, n))
	}
	traits := []audit.Trait{audit.Prefers("pet", "owl", "owl", "cat", "dog"), audit.Prefers("pet", "cat", "owl", "cat", "dog")}
	traits[1].PositiveControl = rows(5)
	w, err := newWorkload(audit.Config{
		Suspect: rows(20), Control: rows(30), Traits: traits, Recipe: student.Recipe{Epochs: 3},
		Design: audit.Design{Alpha: 0.1, Rows: audit.ShareRows, InterimEvery: 2},
	})
	want := workload{rows: 30, epochs: 3, arms: 3, shareRows: true, candidates: 3, traits: 2, alpha: 0.1, interim: true}
	if w != want || err != nil {
		t.Errorf("%+v (%v), want %+v", w, err, want)
	}
	if _, err := newWorkload(audit.Config{Suspect: rows(1), Control: rows(1), Recipe: student.Recipe{Epochs: -1}}); err == nil {
		t.Error("an invalid recipe is no error")
	}
}

// The sample doubles until it holds all rows, and each worker works on it.
func TestSecondsPerRow(t *testing.T) {
	examples := make([]undertone.Example, 100)
	for i := range examples {
		examples[i] = undertone.NewExample(fmt.Sprint("prompt ", i), "answer")
	}
	rows := undertone.NewDataset("rows", examples)
	var sizes []int
	took, err := secondsPerRow(rows, 16, 1, func(sample undertone.Text) error {
		sizes = append(sizes, sample.Len())
		return nil
	})
	if want := []int{16, 32, 64, 100}; err != nil || !slices.Equal(sizes, want) || took < 0 {
		t.Errorf("samples of %v rows (%v), want %v", sizes, err, want)
	}
	calls := make(chan int, 8)
	if _, err := secondsPerRow(rows, 512, 3, func(sample undertone.Text) error { calls <- sample.Len(); return nil }); err != nil || len(calls) != 3 {
		t.Errorf("%d calls by 3 workers (%v)", len(calls), err)
	}
	if _, err := secondsPerRow(rows, 16, 2, func(undertone.Text) error { return context.Canceled }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
