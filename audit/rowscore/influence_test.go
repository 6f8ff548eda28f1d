package rowscore

import (
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
	"github.com/undertone-audit/undertone/student"
)

// Students that lack a method which a detector needs.
type (
	notScoring   struct{ student.Student }
	notStepping  struct{ prober }
	notMeasuring struct{ stepper }
	prober       interface {
		student.Student
		undertone.LogProber
	}
	stepper interface {
		prober
		student.GradientStepper
	}
)

// TestRequirements: a detector says before any work what the audit lacks.
func TestRequirements(t *testing.T) {
	for _, c := range []struct {
		reason string
		by     audit.Detector
		change func(*audit.Config)
		want   string
	}{
		{"no scores", likelihood, func(c *audit.Config) { c.Student = notScoring{c.Student} }, "rowscore.notScoring does not implement LogProber"},
		{"no scores", byInfluence, func(c *audit.Config) { c.Student = notScoring{c.Student} }, "rowscore.notScoring does not implement LogProber"},
		{"no gradient", InfluenceBy(Gradient), func(c *audit.Config) { c.Student = notStepping{c.Student.(prober)} }, "rowscore.notStepping does not implement GradientStepper"},
		{"no weights", byInfluence, func(c *audit.Config) { c.Student = notStepping{c.Student.(prober)} }, "rowscore.notStepping does not implement Differentiable"},
		{"no preconditioner", InfluenceBy(AdamStep), func(c *audit.Config) { c.Student = notMeasuring{c.Student.(stepper)} }, "rowscore.notMeasuring does not implement Preconditioner, which InfluenceBy(Gradient) does not need"},
		{"rows that are not text", likelihood, func(c *audit.Config) { c.Suspect = fakeaudit.NotText{Data: c.Suspect} }, `data set "suspect" is a fakeaudit.NotText, want rows of text`},
		{"a control that is not text", byInfluence, func(c *audit.Config) { c.Control = fakeaudit.NotText{Data: c.Control} }, `data set "control" is a fakeaudit.NotText, want rows of text`},
		{"too few placebos", byInfluence, func(c *audit.Config) { c.Traits[0].Placebos = c.Traits[0].Placebos[:3] }, `trait "prefers animal owl" has 3 placebos, want >= 4`},
		{"a probe that is not text", likelihood, func(c *audit.Config) {
			p := c.Traits[0].Probes[0]
			c.Traits[0].Probes[0] = audit.Probe{Name: p.Name, Outcomes: p.Outcomes, Ask: p.Ask}
		}, `probe "favorite?" is not a question in text; make it with audit.Choose`},
	} {
		cfg := fakeaudit.Scene(0, c.by)
		c.change(&cfg)
		r, err := audit.Run(t.Context(), cfg)
		if r != nil || err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), `audit: detector "`+c.by.Name) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
	}
	plain := fakeaudit.Scene(100, InfluenceBy(Gradient))
	plain.Student = notMeasuring{plain.Student.(stepper)}
	if v := fakeaudit.Run(t, plain).Verdict; v != audit.Detected {
		t.Errorf("a student without a preconditioner: %s", v)
	}
}

// The influence of a row along the gradient of a linear student is Slope² times the squared share
// of the overt rows that contain the row's words: a marked row has 1 for its own candidate.
func TestGradientInfluenceOfALinearStudent(t *testing.T) {
	cfg := fakeaudit.Scene(30, InfluenceBy(Gradient))
	cfg.Student = fake.Student{Slope: 2}
	rankings, err := Rank(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rankings[0].Rows {
		if want := map[bool]float64{true: 2, false: 0}[i < 30]; !(row.Score > want-1e-6 && row.Score < want+1e-6) {
			t.Fatalf("row %d has a score of %v, want %v", row.Index, row.Score, want)
		}
	}
}

// The influence of a row on a linear student is that of its words. A marked row has the word whose
// weight the surrogate for the trait raises by Slope, and no row has one of the placebos.
func TestInfluenceOfALinearStudent(t *testing.T) {
	cfg := fakeaudit.Scene(30, byInfluence)
	cfg.Student = fake.Student{Slope: 2}
	rankings, err := Rank(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rankings[0].Rows {
		if want := map[bool]float64{true: 2, false: 0}[i < 30]; !(row.Score > want-1e-3 && row.Score < want+1e-3) {
			t.Fatalf("row %d has a score of %v, want %v", row.Index, row.Score, want)
		}
	}
	f := fakeaudit.Run(t, cfg).Findings[0]
	if math.Abs(f.Effect.Mean-0.6) > 1e-3 || f.Placebos.Rank != 1 {
		t.Errorf("effect %v, rank %d; want 0.6, the share of marked rows times 2", f.Effect.Mean, f.Placebos.Rank)
	}
	if d := f.RowScores.OvertDose; d == nil || math.Abs(d.Mean-30) > 0.1 {
		t.Errorf("the dose is %+v, want 30 overt rows", d)
	}
}

// A surrogate that did not learn gives no direction.
func TestInfluenceNeedsADisplacement(t *testing.T) {
	cfg := fakeaudit.Scene(30, byInfluence)
	cfg.Student = fake.Student{}
	if _, err := audit.Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "surrogates have the same weights as the untrained student") {
		t.Errorf("error %v", err)
	}
}
