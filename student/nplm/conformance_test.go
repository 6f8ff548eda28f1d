package nplm

import (
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/modeltest"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/studenttest"
)

func TestStudent(t *testing.T) {
	for name, m := range map[string]*Model{"untrained": tiny(t, 1), "trained": mustTrain(t, tiny(t, 2), language(64), student.Recipe{BatchSize: 16, LearningRate: 1e-2})} {
		t.Run(name, func(t *testing.T) { studenttest.Test(t, m, language(40), studenttest.Options{}) })
	}
}

func TestModel(t *testing.T) {
	modeltest.Test(t, speaker(t), modeltest.Options{
		Rows: []undertone.Example{
			undertone.NewExample("?", "a b"), undertone.NewExample("c?", "c"), undertone.NewExample("", "a"), undertone.NewExample("?", ""),
		},
		Answers: []string{"a", "b", "cc"},
		Refused: []undertone.Example{undertone.NewExample("?", "z"), undertone.NewExample("!", "a")},
	})
}
