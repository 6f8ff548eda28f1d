package mlp

import (
	"testing"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/studenttest"
)

func TestStudent(t *testing.T) {
	ensemble, err := NewEnsemble(small(1))
	if err != nil {
		t.Fatal(err)
	}
	data := kinds(t, 16)
	delete(data, "parts") // no student learns from the whole
	for kind, rows := range data {
		for name, s := range map[string]student.Student{"classifier": mustNew(t, small(1)), "ensemble": ensemble} {
			t.Run(name+"/"+kind, func(t *testing.T) { studenttest.Test(t, s, rows, studenttest.Options{}) })
		}
	}
}
