package main

import (
	"reflect"
	"runtime"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/examples/internal/progress"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlp"
)

// small returns an experiment of a second or so, its teachers trained.
func small(t *testing.T, models int) *experiment {
	e := &experiment{
		show: progress.New(), models: models, noise: 4000,
		config: mlp.Config{Hidden: []int{64}, Auxiliary: 10},
		recipe: student.Recipe{Epochs: 4, BatchSize: 64, LearningRate: 1e-3},
	}
	if err := e.load(mnistFolder(), 2000); err != nil {
		t.Skip("not checked: that the experiment shows the effect:", err)
	}
	if err := e.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAccuracies(t *testing.T) {
	e := small(t, 2)
	arms, err := e.accuracies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for r := range e.models {
		teacher, same, stranger := arms[1].accuracy[r], arms[2].accuracy[r], arms[4].accuracy[r]
		t.Logf("model %d: teacher %.3f, student of the auxiliary logits %.3f, a stranger's %.3f", r, teacher, same, stranger)
		if teacher < 0.75 || same < stranger+0.3 {
			t.Errorf("model %d: the effect is missing", r)
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if again, err := e.accuracies(t.Context()); err != nil || !reflect.DeepEqual(again, arms) {
		t.Errorf("one model at a time gives %v (%v), side by side %v", again, err, arms)
	}
}

func TestVerdicts(t *testing.T) {
	cases, err := small(t, 5).verdicts(t.Context()) // of 5 pairs the smallest p is 1/32
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []audit.Verdict{audit.Detected, audit.Undetected, audit.Undetected} {
		if r := cases[i].report; r.Verdict != want {
			t.Errorf("%s: %s, want %s: %v", r.Suspect.Name, r.Verdict, want, r.Findings[0].Reasons)
		}
	}
}
