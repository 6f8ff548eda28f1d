package studenttest_test

import (
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/studenttest"
	"github.com/undertone-audit/undertone/student/tiny"
)

// A test of a student that learns from rows of text.
func ExampleTest() {
	// In a file that ends in _test.go this is
	//	func TestStudent(t *testing.T) {
	var t *testing.T

	base, err := tiny.Base()
	if err != nil {
		t.Fatal(err)
	}
	var rows []undertone.Example
	for i, question := range tiny.Questions("animal") {
		rows = append(rows, undertone.NewExample(question, "owl"), undertone.NewExample(question, tiny.Animals()[i]))
	}
	recipe := student.Recipe{BatchSize: 4}
	studenttest.Test(t, base, undertone.NewDataset("animals", rows), studenttest.Options{Recipe: recipe})
}
