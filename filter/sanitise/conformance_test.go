package sanitise_test

import (
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/filtertest"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

func TestAllSanitisersConform(t *testing.T) {
	data := manyLists(10)
	rows := data.Examples()
	all := append(every(data),
		sanitise.Format{Separator: ";", Period: true}, sanitise.Sort{Descending: true}, sanitise.Remap{Base: 1, Modulus: 7}, sanitise.Resample{Min: 5, Max: 5},
		sanitise.Jitter{}, sanitise.Replace{At: sanitise.Positions{data.RowID(0): {0, 0}}, With: []string{"owl", "owl", "cat"}}, sanitise.Omit{},
		sanitise.Mix{Clean: undertone.NewDataset("clean", slices.Concat(rows, rows))}, sanitise.Paraphrase{Model: upper{}, Of: filter.Completions},
	)
	for _, s := range all {
		if err := filtertest.TestSanitiser(s, rows...); err != nil {
			t.Errorf("%s: %v", s.Name(), err)
		}
	}
}
