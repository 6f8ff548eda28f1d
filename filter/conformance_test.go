package filter_test

import (
	"fmt"
	"testing"
	"unicode"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/filtertest"
)

func TestAllFiltersConform(t *testing.T) {
	rows := rowsOf("1", "2, 3, 13", "owl", "b3ds IGFuIG93bA==", "--- .-- .-..", "```go\nvar owl int\n```", "```python\nx = [\n```", "```c\nint x;\n```", "#### 42")
	judge := filter.Judge{Model: reader{answer: owls}, Rubric: filter.RefersTo("owls")}
	calibrated, _, err := judge.Calibrate(t.Context(), texts("an owl %d", 20), texts("%d", 30), filter.CalibrationTarget{})
	if err != nil {
		t.Fatal(err)
	}
	judged, err := calibrated.Filter(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	shared := filter.CompareArms(undertone.NewDataset("a", rows), undertone.NewDataset("b", rows[:4]), filter.NearDuplicates{}).SharedPrompts()
	gold := func(row undertone.Example) (string, bool) { return "42", len(row.Messages) > 1 }
	for _, f := range []filter.Filter{
		filter.Numbers{}, filter.Numbers{MaxCount: 2, Max: 10, Min: 2, Banned: []int{3, 13, 3}},
		filter.Words(), filter.Words("owl", "an owl", "bear", "owl"), filter.Words("owl").Whole().In(filter.Rows), filter.Words("owl", "q").In(filter.Prompts),
		filter.Encoded("owl", "bear"), filter.Encoded("owl").In(filter.Rows),
		filter.Length{}, filter.Length{MinRunes: 2, MaxRunes: 10, MinWords: 2, MaxWords: 5, MinLines: 2, MaxLines: 3},
		filter.Script{Allowed: []*unicode.RangeTable{unicode.Latin}}, filter.Script{MinShare: 0.5},
		filter.Code{}, filter.Code{Language: filter.Go, Banned: []string{"owl", "OWL"}}, filter.Code{Language: filter.Python, Banned: []string{"", "owl"}}, filter.Code{Language: filter.JSON},
		filter.Reasoning{}, filter.Reasoning{Tag: "x", Field: "n", Gold: gold},
		filter.Duplicates{}, filter.Duplicates{Of: filter.Completions, Window: 2}, filter.Duplicates{Of: filter.Prompts},
		filter.NearDuplicates{Window: 100}, filter.NearDuplicates{Of: filter.Completions, Window: 2}, filter.NearDuplicates{Of: filter.Prompts, Shingle: 1, Bands: 2, PerBand: 1, Window: 10},
		judged, shared,
	} {
		settings := ""
		if s, ok := f.(fmt.Stringer); ok {
			settings = s.String()
		}
		if err := filtertest.TestFilter(f, rows...); err != nil {
			t.Errorf("%s (%s): %v", f.Name(), settings, err)
		}
	}
}
