package main

import (
	"testing"

	"github.com/undertone-audit/undertone/student"
)

// A built-in model is trained so that it shows a trait, and a flag that is set is obeyed.
func TestStudentFlags(t *testing.T) {
	rank := func(n int) *int { return &n }
	dir, _ := tinyFolder(t)
	for _, c := range []struct {
		reason string
		flags  studentFlags
		recipe student.Recipe
		name   string
		want   student.Recipe
	}{
		{"no flags", studentFlags{Student: "tiny"}, student.Recipe{}, "tiny with LoRA of rank 8", student.Recipe{Epochs: 4, LearningRate: 5e-3}},
		{"another rank", studentFlags{Student: "tiny-other", LoRA: rank(2)}, student.Recipe{}, "tiny-other with LoRA of rank 2", student.Recipe{Epochs: 4, LearningRate: 5e-3}},
		{"all weights, at their rate", studentFlags{Student: "tiny", LoRA: rank(0)}, student.Recipe{}, "tiny", student.Recipe{Epochs: 4}},
		{"another recipe", studentFlags{Student: "tiny"}, student.Recipe{Epochs: 1, LearningRate: 1e-3, BatchSize: 8}, "tiny with LoRA of rank 8", student.Recipe{Epochs: 1, LearningRate: 1e-3, BatchSize: 8}},
		{"a folder has no defaults of its own", studentFlags{Student: dir}, student.Recipe{}, "model", student.Recipe{}},
		{"a folder with LoRA", studentFlags{Student: dir, LoRA: rank(4)}, student.Recipe{}, "model with LoRA of rank 4", student.Recipe{}},
	} {
		m, recipe, err := c.flags.student(c.recipe)
		if err != nil || m.Name() != c.name || recipe != c.want {
			t.Errorf("%s: %s, %+v (%v), want %s, %+v", c.reason, m.Name(), recipe, err, c.name, c.want)
		}
	}
	if _, _, err := (studentFlags{Student: "tiny", LoRA: rank(-1)}).student(student.Recipe{}); err == nil {
		t.Error("a rank below 0 is no error")
	}
}
