package main

import (
	"reflect"
	"runtime"
	"testing"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlp"
)

func TestExperiment(t *testing.T) {
	train, test, err := mnist(mnistFolder(), 2000)
	if err != nil {
		t.Skip("not checked: that the experiment shows the effect:", err)
	}
	e := &experiment{
		models: 2, noise: 4000, train: train, test: test,
		config: mlp.Config{Hidden: []int{64}, Auxiliary: 10},
		recipe: student.Recipe{Epochs: 4, BatchSize: 64, LearningRate: 1e-3},
	}
	got, err := e.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const teacher, same, other = 1, 2, 4 // rows of arms
	for r := range e.models {
		t.Logf("model %d: teacher %.3f, auxiliary logits from the same initial weights %.3f, from others %.3f",
			r, got[teacher][r], got[same][r], got[other][r])
		if got[teacher][r] < 0.75 || got[same][r] < got[other][r]+0.3 {
			t.Errorf("model %d: the effect is missing", r)
		}
	}
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	if again, err := e.run(t.Context()); err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("one model at a time gives %v (%v), side by side %v", again, err, got)
	}
}
