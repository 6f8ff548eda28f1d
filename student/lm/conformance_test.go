package lm

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/modeltest"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/studenttest"
)

// models returns trained models: with all weights trained, with LoRA trained, and with a chat
// template.
func models(t *testing.T) map[string]*Model {
	t.Helper()
	base := taught(t, Options{})
	lora, err := base.WithLoRA(LoRA{Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	after, err := lora.Train(t.Context(), pets("owl", "fox"), student.Recipe{LearningRate: 1e-2, BatchSize: 32})
	if err != nil {
		t.Fatal(err)
	}
	chat, err := base.WithTemplate(ChatML())
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*Model{"all weights": base, "LoRA": after.(*Model), "chat": chat}
}

func TestStudent(t *testing.T) {
	rows := pets("cat", "dog", "owl", "cat").Select([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	for name, m := range models(t) {
		t.Run(name, func(t *testing.T) {
			studenttest.Test(t, m, rows, studenttest.Options{Recipe: student.Recipe{BatchSize: 4, LearningRate: 1e-2}})
		})
	}
}

func TestModel(t *testing.T) {
	for name, m := range models(t) {
		t.Run(name, func(t *testing.T) {
			modeltest.Test(t, refusing(t, m), modeltest.Options{
				Rows: []undertone.Example{
					undertone.NewExample("pet?", "cat"), undertone.NewExample("best?", "owl"), undertone.NewExample("", "a text"), chat("user", "a", "assistant", "b", "user", "c", "assistant", ""),
				},
				Answers: []string{"cat", "dog", "owl"},
				Refused: []undertone.Example{{}, chat("critic", "x", "assistant", "y"), undertone.NewExample("", strings.Repeat("a", 100))},
			})
		})
	}
}
