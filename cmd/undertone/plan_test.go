package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/student"
)

// newPlanner returns a planner whose clock stands still.
func newPlanner(requested plan, w workload, u unitCosts, budget time.Duration) *planner {
	return &planner{
		requested: requested, work: w, costs: u, budget: budget,
		now: func() time.Duration { return 0 }, log: func(string, ...any) {},
	}
}

// The requested plan is taken if it fits. Otherwise surrogates, students of all rows, replicates
// and rows are left out before detectors. A plan leaves a tenth of the budget.
func TestStrongest(t *testing.T) {
	u := unitCosts{trainRow: 1e-3, overtRow: 1e-3, scoreRow: 1e-4, promptedRow: 2e-4, askProbes: 0.01, corpus: 5 / math.Pow(4000, 0.6)}
	w := workload{rows: 4000, epochs: 1, arms: 3, candidates: 10, traits: 1, alpha: 0.05}
	interim, shared := w, w
	interim.interim, shared.shareRows = true, true
	two := rowscore.Surrogates{Count: 2}
	prompted := rowscore.Surrogates{Count: 1, SystemPrompt: lovingPrompt}
	all := plan{[]string{"transfer", "likelihood", "influence", "corpus"}, 12, 6, 4000, two}
	with := func(p plan, whole int, detectors ...string) plan {
		p.detectors, p.whole = detectors, whole
		return p
	}
	for _, c := range []struct {
		reason    string
		requested plan
		w         workload
		seconds   float64 // of the budget
		want      string
		omitted   string
		tooSmall  bool
	}{
		// With all rows transfer takes 80.54 s with 6 students of all rows, 44.45 s with 3 and 32.42
		// s with 2, likelihood 22.8 s for a surrogate and 44.4 s for two, influence 15.6 s, corpus 5 s.
		{"everything", all, w, 161.8, "--detectors transfer,likelihood,influence,corpus --replicates 12 --whole 6 --rows 4000 --surrogates 2", "", false},
		{"one surrogate in place of two", all, w, 161.6, "--detectors transfer,likelihood,influence,corpus --replicates 12 --whole 6 --rows 4000 --surrogates 1", "1 of 2 surrogates per candidate", false},
		{"half of the students of all rows", all, w, 131, "--detectors transfer,likelihood,influence,corpus --replicates 12 --whole 3 --rows 4000 --surrogates 2", "3 of 6 students of all rows per arm", false},
		{"both", all, w, 108, "--detectors transfer,likelihood,influence,corpus --replicates 12 --whole 3 --rows 4000 --surrogates 1", "3 of 6 students of all rows per arm; 1 of 2 surrogates per candidate", false},
		{"two students of all rows", all, w, 94, "--detectors transfer,likelihood,influence,corpus --replicates 12 --whole 2 --rows 4000 --surrogates 1", "4 of 6 students of all rows per arm; 1 of 2 surrogates per candidate", false},
		{"no more replicates than the test needs", with(all, 6, "transfer"), w, 35.98, "--detectors transfer --replicates 5 --whole 2 --rows 4000", "7 of 12 replicates; 4 of 6 students of all rows per arm", false},
		{"an interim look needs one replicate more", with(all, 6, "transfer"), interim, 35.98, "--detectors transfer --replicates 6 --whole 2 --rows 4000", "6 of 12 replicates; 4 of 6 students of all rows per arm", false},
		{"a quarter of the rows", with(all, 6, "transfer"), w, 10.1, "--detectors transfer --replicates 12 --whole 2 --rows 1000", "3000 of 4000 rows per arm; 4 of 6 students of all rows per arm", false},
		{"parts alone", with(all, 0, "transfer"), w, 14, "--detectors transfer --replicates 12 --rows 4000", "", false},
		{"replicates of all rows", with(all, 0, "transfer"), shared, 120, "--detectors transfer --replicates 5 --rows 4000", "7 of 12 replicates", false},
		{"influence is left out first", all, w, 30.9, "--detectors transfer,likelihood,corpus --replicates 12 --whole 3 --rows 1000 --surrogates 1", "the detector influence; 3000 of 4000 rows per arm; 3 of 6 students of all rows per arm; 1 of 2 surrogates per candidate", false},
		{"then corpus", all, w, 24.6, "--detectors transfer,likelihood --replicates 12 --whole 2 --rows 1000 --surrogates 1", "the detector influence; the detector corpus; 3000 of 4000 rows per arm; 4 of 6 students of all rows per arm; 1 of 2 surrogates per candidate", false},
		{"then transfer, and corpus fits again", all, w, 20, "--detectors likelihood,corpus --replicates 12 --whole 6 --rows 1000 --surrogates 1", "the detector transfer, without which no trait can be undetected; the detector influence; 3000 of 4000 rows per arm; 1 of 2 surrogates per candidate", false},
		{"surrogates by a prompt need no training", plan{[]string{"likelihood"}, 12, 0, 4000, prompted}, w, 28.1, "--detectors likelihood --replicates 12 --rows 4000 --personas", "", false},
		{"nothing fits", all, w, 0.1, "--detectors likelihood --replicates 12 --whole 6 --rows 250 --surrogates 1", "the detector transfer, without which no trait can be undetected; the detector influence; the detector corpus; 3750 of 4000 rows per arm; 1 of 2 surrogates per candidate", true},
	} {
		b := newPlanner(c.requested, c.w, u, time.Duration(c.seconds*1e9))
		got, fits := b.strongest()
		omitted := strings.Join(got.omitted(c.requested), "; ")
		if fits == c.tooSmall || got.flags() != c.want || omitted != c.omitted {
			t.Errorf("%s: %s without %q, fits: %v\nwant %s without %q", c.reason, got.flags(), omitted, fits, c.want, c.omitted)
		}
		if took := b.seconds(got); took > 0.9*c.seconds == fits {
			t.Errorf("%s: the plan takes %v s", c.reason, took)
		}
	}
}

// A larger budget never gives a plan of less work.
func TestStrongestGrowsWithTheBudget(t *testing.T) {
	u := unitCosts{trainRow: 1e-3, overtRow: 2e-3, scoreRow: 1e-4, askProbes: 0.02, corpus: 0.1}
	w := workload{rows: 3000, epochs: 2, arms: 2, candidates: 12, traits: 2, alpha: 0.05}
	requested := plan{[]string{"transfer", "likelihood", "corpus"}, 12, 6, 3000, rowscore.Surrogates{Count: 2}}
	last, plans := 0.0, map[string]bool{}
	for seconds := 1; seconds < 200; seconds++ {
		b := newPlanner(requested, w, u, time.Duration(seconds)*time.Second)
		p, fits := b.strongest()
		if !fits {
			continue
		}
		took := b.seconds(p)
		if took < last {
			t.Errorf("with %d s the plan takes %v s, with less time %v s", seconds, took, last)
		}
		last = took
		plans[p.flags()] = true
	}
	if len(plans) < 8 {
		t.Errorf("only %d different plans", len(plans))
	}
}

func TestSecondsOfTraining(t *testing.T) {
	u, w := unitCosts{trainRow: 1}, workload{rows: 100, epochs: 2, arms: 2}
	p := plan{detectors: []string{"transfer"}, replicates: 6, rows: 100}
	whole, half := p, p
	whole.whole, half.whole, half.rows = 4, 4, 50
	planted, shared := w, w
	planted.arms, shared.shareRows = 3, true
	interim := shared
	interim.interim = true
	for _, c := range []struct {
		reason string
		p      plan
		w      workload
		done   []stage
		want   float64
	}{
		{"the parts of two arms", p, w, nil, 400},
		{"replicates of all rows, and as many after exchanges", p, shared, nil, 4800},
		{"no exchanges with interim looks", p, interim, nil, 2400},
		{"and 4 students of all rows per arm", whole, w, nil, 2000},
		{"and a positive control", whole, planted, nil, 2800},
		{"4 control students are trained", whole, w, []stage{whole.stage("transfer")}, 1200},
		{"they have other rows", half, w, []stage{whole.stage("transfer")}, 1000},
	} {
		if got := u.seconds(c.p, c.w, c.done...); got != c.want {
			t.Errorf("%s: %v s, want %v", c.reason, got, c.want)
		}
	}
}

func TestSecondsOfScores(t *testing.T) {
	u, w := unitCosts{scoreRow: 1, corpus: 207 / math.Pow(100, 0.6)}, workload{rows: 100, arms: 2, candidates: 5}
	p := plan{detectors: []string{"likelihood", "influence", "corpus"}, rows: 100, surrogates: rowscore.Surrogates{Count: 2}}
	one := p
	one.surrogates.Count = 1
	trained := unitCosts{overtRow: 1, overtWhole: 3}
	if got := trained.surrogates(plan{surrogates: rowscore.Surrogates{Count: 3}}, 100); got != 960*(2+3) {
		t.Errorf("three surrogates, one of them of all weights: %v s, want 4800", got)
	}
	for _, c := range []struct {
		reason string
		p      plan
		done   []stage
		want   float64
	}{
		{"everything", p, nil, 200 + 10*200 + 5*200 + 207},
		{"likelihood is finished", p, []stage{p.stage("likelihood")}, 5*200 + 207},
		{"with another number of surrogates", p, []stage{one.stage("likelihood")}, 200 + 10*200 + 5*200 + 207},
		{"both are finished", p, []stage{p.stage("influence"), p.stage("likelihood")}, 207},
	} {
		if got := u.seconds(c.p, w, c.done...); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v s, want %v", c.reason, got, c.want)
		}
	}
}

func TestFewerDetectors(t *testing.T) {
	for _, c := range []struct{ of, want []string }{
		{[]string{"transfer", "influence"}, []string{"[transfer influence]", "[transfer]"}},
		{[]string{"influence"}, []string{"[influence]"}},
		{[]string{"influence", "corpus"}, []string{"[influence corpus]", "[influence]"}},
		{[]string{"transfer", "corpus"}, []string{"[transfer corpus]", "[transfer]"}},
		{[]string{"transfer", "likelihood"}, []string{"[transfer likelihood]", "[likelihood]"}},
		{[]string{"corpus", "influence", "likelihood", "transfer"}, []string{
			"[corpus influence likelihood transfer]", "[corpus likelihood transfer]", "[likelihood transfer]", "[corpus likelihood]", "[likelihood]",
		}},
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
