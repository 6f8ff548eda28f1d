package detectortest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/audittest/detectortest"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/audit/stats"
)

var likelihood = rowscore.LikelihoodRatio(rowscore.Surrogates{Count: 1, Rows: 2})

func TestBuiltInDetectors(t *testing.T) {
	for _, d := range []audit.Detector{
		audit.Transfer, likelihood, rowscore.Influence(rowscore.Surrogates{Rows: 2}),
		rowscore.InfluenceBy(rowscore.AdamStep), rowscore.InfluenceBy(rowscore.NaturalGradient),
	} {
		t.Run(d.Name, func(t *testing.T) { detectortest.Test(t, d, detectortest.Options{}) })
	}
	t.Run("corpus", func(t *testing.T) {
		detectortest.Test(t, corpus.Detector(corpus.Config{Permutations: 99}), detectortest.Options{World: numbers, Nulls: 20, Planted: 5})
	})
}

// numbers is an audit of 200 lists of numbers per arm. Planted lists have smaller numbers.
func numbers(seed uint64, planted bool) audit.Config {
	lists := func(name string, arm uint64, below int) *undertone.Dataset {
		rng := rand.New(rand.NewPCG(seed, arm))
		rows := make([]undertone.Example, 200)
		for i := range rows {
			rows[i] = undertone.NewExample(fmt.Sprint("prompt ", i), fmt.Sprintf("%d, %d, %d", rng.IntN(below), rng.IntN(below), rng.IntN(below)))
		}
		return undertone.NewDataset(name, rows)
	}
	cfg := audit.Config{
		Suspect: lists("suspect", 1, 1000), Control: lists("control", 2, 1000), Student: base,
		Traits: []audit.Trait{audit.Prefers("animal", "owl", "owl", "cat")}, Design: audit.Design{Seed: seed},
	}
	if planted {
		cfg.Suspect = lists("suspect", 1, 300)
	}
	return cfg
}

// recorder is a testing.TB that keeps error messages.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Helper()                   {}
func (r *recorder) Logf(string, ...any)       {}
func (r *recorder) Errorf(f string, a ...any) { r.errors = append(r.errors, fmt.Sprintf(f, a...)) }

// TestBrokenDetectors: for each requirement there is a detector that fails it and nothing else.
func TestBrokenDetectors(t *testing.T) {
	// judge replaces the judgement of the likelihood detector.
	judge := func(change func(m audit.Measurement, l audit.Level, j *audit.Judgement)) audit.Detector {
		d := likelihood
		d.Name = "likelihood-broken" // the name of the real one is reserved for its rule
		d.Judge = func(m audit.Measurement, l audit.Level) audit.Judgement {
			j := audit.JudgeRows(m, l)
			change(m, l, &j)
			return j
		}
		return d
	}
	// measure changes the measurements of the likelihood detector.
	measure := func(change func(pass *audit.Pass, m []audit.Measurement)) audit.Detector {
		d := likelihood
		d.Measure = func(ctx context.Context, pass *audit.Pass) ([]audit.Measurement, error) {
			m, err := likelihood.Measure(ctx, pass)
			if err == nil {
				change(pass, m)
			}
			return m, err
		}
		return d
	}
	rank := func(change func(r *audit.Ranking)) audit.Detector {
		d := likelihood
		d.Rank = func(ctx context.Context, pass *audit.Pass, tokens int) ([]audit.Ranking, error) {
			r, err := likelihood.Rank(ctx, pass, tokens)
			if err == nil {
				change(&r[0])
			}
			return r, err
		}
		return d
	}
	calls := 0
	for _, c := range []struct {
		reason string
		d      audit.Detector
		want   string
	}{
		{"no description", func() audit.Detector { d := likelihood; d.Doc = ""; return d }(), "declaration: Doc is empty"},
		{"no limitations", func() audit.Detector { d := likelihood; d.Limitations = ""; return d }(), "declaration: Limitations is empty"},
		{"a reserved name", func() audit.Detector { d := likelihood; d.Name = "transfer"; return d }(), "an audit refuses the detector"},
		{"a requirement that the audit does not meet", func() audit.Detector {
			d := likelihood
			d.Requires = func(audit.Config) error { return fmt.Errorf("no") }
			return d
		}(), "an audit refuses the detector"},
		{"no p-value", measure(func(_ *audit.Pass, m []audit.Measurement) { m[0].P.P = 0 }), "p-value 0"},
		{"depends on Parallel", measure(func(p *audit.Pass, m []audit.Measurement) { m[0].Effect.Mean += float64(p.Parallel) }), "with Parallel = 1: trait 0 has another measurement"},
		{"depends on the order of rows", measure(func(p *audit.Pass, m []audit.Measurement) {
			m[0].Effect.Mean += float64(p.Suspect.RowID(0).Uint64()>>40) / 1000
		}), "with the rows in reverse order: trait 0 has another measurement; sort the rows by RowID first:\n{"},
		{"changes a target", measure(func(p *audit.Pass, _ []audit.Measurement) { p.Traits[0].Target[0] = 1 }), "changed the field Traits of the pass"},
		{"changes a tolerance", measure(func(p *audit.Pass, _ []audit.Measurement) { p.Traits[0].Tolerance = 9 }), "changed the field Traits of the pass"},
		{"replaces the traits", measure(func(p *audit.Pass, _ []audit.Measurement) { p.Traits = nil }), "changed the field Traits of the pass"},
		{"replaces the suspect rows", measure(func(p *audit.Pass, _ []audit.Measurement) { p.Suspect = p.Control }), "changed the field Suspect of the pass"},
		{"changes the design", measure(func(p *audit.Pass, _ []audit.Measurement) { p.Replicates = 3 }), "changed the field Replicates of the pass"},
		{"ignores its context", func() audit.Detector {
			d := likelihood
			d.Measure = func(_ context.Context, pass *audit.Pass) ([]audit.Measurement, error) {
				return likelihood.Measure(context.Background(), pass)
			}
			return d
		}(), "with a context that is done: no error, want"},
		{"judges differently each time", judge(func(_ audit.Measurement, _ audit.Level, j *audit.Judgement) {
			calls++
			j.Reasons = []string{fmt.Sprint(calls)}
		}), "Judge is not pure"},
		{"judges by what JSON does not keep", judge(func(m audit.Measurement, _ audit.Level, j *audit.Judgement) {
			if m.RowScores.Top != nil && cap(m.RowScores.Top) > 40 {
				j.Needed = 7
			}
		}), "after it was written as JSON"},
		{"changes the measurement", judge(func(m audit.Measurement, _ audit.Level, _ *audit.Judgement) { m.Placebos.Rank++ }), "Judge changed the measurement"},
		{"detects without significance", judge(func(_ audit.Measurement, _ audit.Level, j *audit.Judgement) { j.Verdict = audit.Detected }), "above alpha"},
		{"detects only large p-values", judge(func(_ audit.Measurement, l audit.Level, j *audit.Judgement) {
			if l.PAdjusted < 0.01 {
				j.Verdict = audit.Inconclusive
			}
		}), "and not with the smaller"},
		{"clears what it cannot support", func() audit.Detector {
			d := judge(func(m audit.Measurement, _ audit.Level, j *audit.Judgement) { j.Verdict = audit.Undetected })
			d.Clears = true
			return d
		}(), "an audit refuses the judgement: clearing a trait needs"},
		{"has no interval", judge(func(_ audit.Measurement, _ audit.Level, j *audit.Judgement) { j.Interval = audit.Interval{} }), "needs a confidence interval"},
		{"p-values that are too small", measure(func(_ *audit.Pass, m []audit.Measurement) { m[0].P.P, m[0].P.Floor = m[0].P.P*m[0].P.P*m[0].P.P, 0 }), "error rate: null audits with a p-value of at most alpha"},
		{"detects everything", func() audit.Detector {
			d := measure(func(_ *audit.Pass, m []audit.Measurement) {
				m[0].P.P, m[0].P.Floor, m[0].RowScores.PPlacebo, m[0].Placebos.Rank, m[0].Effect.Mean = 1e-4, 1e-5, 1e-4, 1, 1000
			})
			return d
		}(), "error rate: null audits with the verdict detected"},
		{"detects nothing", judge(func(_ audit.Measurement, _ audit.Level, j *audit.Judgement) { j.Verdict = audit.Inconclusive }), "power: the trait is detected in 0.00"},
		{"calls planted rows undetected", judge(func(_ audit.Measurement, _ audit.Level, j *audit.Judgement) { j.Verdict = audit.Undetected }), "error rate: planted audits with the verdict undetected"},
		{"ranks half of the rows", rank(func(r *audit.Ranking) { r.Rows = r.Rows[:48] }), "Rank: trait 0: 48 rows, want all 96"},
		{"ranks a row twice", rank(func(r *audit.Ranking) { r.Rows[1] = r.Rows[0] }), "out of range or listed twice"},
		{"ranks the smallest first", rank(func(r *audit.Ranking) { r.Rows[0], r.Rows[95] = r.Rows[95], r.Rows[0] }), "Rank: trait 0: row 1 has the score"},
		{"names another row", rank(func(r *audit.Ranking) { r.Rows[0].Row[0]++ }), "has the row ID"},
		{"tokens that do not sum", rank(func(r *audit.Ranking) { r.Tokens[0][0].Score++ }), "the scores of the tokens of row 0 sum to"},
		{"tokens of too few rows", rank(func(r *audit.Ranking) { r.Tokens = r.Tokens[:1] }), "tokens of 1 rows, want 5"},
	} {
		r := &recorder{TB: t}
		detectortest.Test(r, c.d, detectortest.Options{Nulls: 20, Planted: 4})
		if all := strings.Join(r.errors, "\n"); !strings.Contains(all, c.want) {
			t.Errorf("%s: the suite reports %q, want an error with %q", c.reason, all, c.want)
		}
	}
}

func TestBrokenComparisons(t *testing.T) {
	for _, c := range []struct {
		reason string
		e      audit.Evidence
		want   string
	}{
		{"no statement", audit.Evidence{Measure: "area", P: stats.PValue{P: 1}}, "its evidence has no statement"},
		{"no measure", audit.Evidence{Statement: "they differ", P: stats.PValue{P: 1}}, "does not say what its value measures"},
		{"always differs", audit.Evidence{Differ: true, Statement: "they differ", Measure: "area", P: stats.PValue{P: 1}}, "error rate: null audits whose arms differ"},
		{"never differs", audit.Evidence{Statement: "they do not differ", Measure: "area", P: stats.PValue{P: 1}}, "power: the arms differ in 0.00"},
	} {
		d := corpus.Detector(corpus.Config{})
		d.Compare = func(context.Context, *audit.Pass, float64) (*audit.Evidence, error) { return &c.e, nil }
		r := &recorder{TB: t}
		detectortest.Test(r, d, detectortest.Options{Nulls: 5, Planted: 1})
		if all := strings.Join(r.errors, "\n"); !strings.Contains(all, c.want) {
			t.Errorf("%s: the suite reports %q, want an error with %q", c.reason, all, c.want)
		}
	}
}

// base is a student for audits that train none.
var base = fake.Student{}
