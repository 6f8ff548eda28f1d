package modeltest_test

import (
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/modeltest"
	"github.com/undertone-audit/undertone/student/tiny"
)

// A test of a model that answers questions.
func ExampleTest() {
	// In a file that ends in _test.go this is
	//	func TestModel(t *testing.T) {
	var t *testing.T

	model, err := tiny.Base()
	if err != nil {
		t.Fatal(err)
	}
	modeltest.Test(t, model, modeltest.Options{
		Rows: []undertone.Example{
			undertone.NewExample("Favourite animal?", "owl"),
			undertone.NewExample("Favourite tree?", "oak"),
		},
		Answers: []string{"owl", "cat"},
	})
}
