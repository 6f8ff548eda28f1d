package rowscore

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
	"github.com/undertone-audit/undertone/student"
)

// curved is a student whose log-likelihoods are J(h) = norm·h + bend·h³ ± jump per row after a
// gradient step of size h, and norm is 1.
type curved struct {
	fake.Student
	bend  float64
	jump  float64
	at    float64
	steps *[]float64 // sizes of all steps
}

func (c curved) GradientStep(_ context.Context, _ undertone.Data, step float64) (student.Student, float64, error) {
	*c.steps = append(*c.steps, step)
	c.at = step
	return c, 1, nil
}

func (c curved) LogProb(_ context.Context, rows []undertone.Example) ([]float64, error) {
	logs := make([]float64, len(rows))
	for i := range logs {
		logs[i] = c.at + c.bend*c.at*c.at*c.at + math.Copysign(c.jump, c.at)
	}
	return logs, nil
}

func TestCentralDifference(t *testing.T) {
	overt := fake.Rows("overt", 3, 3, "owl")
	for _, c := range []struct {
		reason string
		bend   float64
		jump   float64
		step   float64 // that is chosen; 0: none
	}{
		{"a line", 0, 0, 0.1},
		{"an error of 0.9 % at the first step", 0.9, 0, 0.1},
		{"the error falls by 4 with each halving: 20 %, 5 %, 1.25 %, 0.3 %", 20, 0, 0.1 / 8},
		{"still 5 % at the last step, which is usable", 0.05 * 100 * 1024, 0, 0.1 / 32},
		{"still 20 % at the last step", 0.2 * 100 * 1024, 0, 0},
		{"rounding makes small steps worse: 5.5 %, 2.25 %, 2.3 %, 4 %, ...", 5, 5e-4, 0.05},
	} {
		var steps []float64
		base := curved{bend: c.bend, jump: c.jump, steps: &steps}
		pass, err := audit.NewPass(t.Context(), fakeaudit.Scene(0, InfluenceBy(Gradient)))
		if err != nil {
			t.Fatal(err)
		}
		d, err := centralDifference(t.Context(), pass, base, overt)
		if c.step == 0 {
			want := `no step was found at which the likelihood of "overt" changes linearly: the smallest relative error is 20 %`
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %q", c.reason, err, want)
			}
			continue
		}
		if err != nil || math.Abs(d.step-c.step) > 1e-12 || d.norm != 1 || d.up.(curved).at != d.step || d.down.(curved).at != -d.step {
			t.Errorf("%s: error %v, step %v, want %v", c.reason, err, d.step, c.step)
		}
		if len(steps)%2 != 1 || len(steps) > 1+2*maxHalvings || steps[0] != 0 {
			t.Errorf("%s: steps %v", c.reason, steps)
		}
	}
}

// mute is a student that scores no rows after a gradient step.
type mute struct{ fake.Student }

func (m mute) GradientStep(context.Context, undertone.Data, float64) (student.Student, float64, error) {
	return notScoring{m}, 1, nil
}

func TestGradientStepOfAStudentThatScoresNoRows(t *testing.T) {
	cfg := fakeaudit.Scene(0, InfluenceBy(Gradient))
	cfg.Student = mute{}
	want := "student rowscore.notScoring does not implement LogProber after a gradient step"
	if _, err := audit.Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}
