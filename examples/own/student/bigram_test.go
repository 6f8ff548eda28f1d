package student

import (
	"fmt"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/modeltest"
	"github.com/undertone-audit/undertone/student/studenttest"
)

// rows returns n lists of numbers.
func rows(n int) *undertone.Dataset {
	lists := make([]undertone.Example, n)
	for i := range lists {
		lists[i] = undertone.NewExample("continue", fmt.Sprintf("%d, %d", i, i*i))
	}
	return undertone.NewDataset("lists", lists)
}

func TestStudent(t *testing.T) {
	studenttest.Test(t, new(Bigram), rows(20), studenttest.Options{OrderFree: true})
}

func TestModel(t *testing.T) {
	trained, err := new(Bigram).Train(t.Context(), rows(20), studenttest.Options{}.Recipe)
	if err != nil {
		t.Fatal(err)
	}
	modeltest.Test(t, trained.(*Bigram), modeltest.Options{
		Rows:    []undertone.Example{undertone.NewExample("continue", "1, 2"), undertone.NewExample("", "owl")},
		Answers: []string{"1", "owl"},
	})
}
