package tiny

import (
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/modeltest"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/studenttest"
)

// rows returns a list, and questions with animals for answers.
func rows() []undertone.Example {
	all := []undertone.Example{undertone.NewExample(Lists{Seed: 1}.At(0), "[12, 345, 678]")}
	for i, q := range Questions("animal") {
		all = append(all, undertone.NewExample(q, Animals()[i]), undertone.NewExample(q, Animals()[i+6]))
	}
	return all
}

func TestStudent(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: that the models are students: it takes seconds to train them")
	}
	base := models(t)[0]
	lora, err := base.WithLoRA(lm.LoRA{})
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*lm.Model{"all weights": base, "LoRA": lora} {
		t.Run(name, func(t *testing.T) {
			studenttest.Test(t, m, undertone.NewDataset("rows", rows()), studenttest.Options{Recipe: student.Recipe{BatchSize: 4}})
		})
	}
}

func TestModel(t *testing.T) {
	for _, m := range models(t) {
		t.Run(m.Name(), func(t *testing.T) {
			modeltest.Test(t, m, modeltest.Options{Rows: rows()[:5], Answers: Animals()})
		})
	}
}
