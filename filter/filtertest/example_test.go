package filtertest_test

import (
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/filtertest"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

// noQuestions drops completions that end with a question mark.
type noQuestions struct{}

func (noQuestions) Name() string { return "no questions" }

func (noQuestions) Reasons(row undertone.Example) []filter.Reason {
	if strings.HasSuffix(row.Completion(), "?") {
		return []filter.Reason{"is a question"}
	}
	return nil
}

func ExampleTestFilter() {
	fmt.Println(filtertest.TestFilter(noQuestions{}, undertone.NewExample("Hello.", "How are you?")))
	// Output: <nil>
}

func ExampleTestSanitiser() {
	fmt.Println(filtertest.TestSanitiser(sanitise.Sort{}, undertone.NewExample("Continue: 1, 2", "5, 4")))
	// Output: <nil>
}
