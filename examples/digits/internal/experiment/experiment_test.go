package experiment

import (
	"reflect"
	"runtime"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlp"
)

// small returns an experiment of a second or so, with its teachers trained.
func small(t *testing.T, models int) *Experiment {
	e := &Experiment{
		Models: models, Images: 2000, Noise: 4000,
		Config: mlp.Config{Hidden: []int{64}, Auxiliary: 10},
		Recipe: student.Recipe{Epochs: 4, BatchSize: 64, LearningRate: 1e-3},
	}
	if err := e.load(Folder()); err != nil {
		t.Skip("not checked: that the experiment shows the effect:", err)
	}
	if err := e.Prepare(t.Context(), Folder()); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAccuracies(t *testing.T) {
	e := small(t, 2)
	arms, err := e.Accuracies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for r := range e.Models {
		teacher, same, cross := arms[1].Accuracy[r], arms[2].Accuracy[r], arms[4].Accuracy[r]
		t.Logf("model %d: teacher %.3f, same-init student of the auxiliary logits %.3f, cross-init %.3f", r, teacher, same, cross)
		if teacher < 0.75 || same < cross+0.3 {
			t.Errorf("model %d: the effect is missing", r)
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if again, err := e.Accuracies(t.Context()); err != nil || !reflect.DeepEqual(again, arms) {
		t.Errorf("on one core the accuracies are %v (%v), on all cores %v", again, err, arms)
	}
}

func TestAudits(t *testing.T) {
	cases, err := small(t, 5).Audits(t.Context()) // with 5 pairs the smallest p-value is 1/32
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []audit.Verdict{audit.Detected, audit.Undetected, audit.Undetected} {
		if r := cases[i].Report; r.Verdict != want {
			t.Errorf("%s: %s, want %s: %v", cases[i].Name, r.Verdict, want, r.Findings[0].Reasons)
		}
	}
}
