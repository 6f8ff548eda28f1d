package corpus

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
)

// The sample is the first rows in the order of two hashes, whole prompts first, and equal rows in
// their own order.
func TestSampleRows(t *testing.T) {
	var rows []undertone.Example
	for i := range 1000 {
		rows = append(rows, undertone.NewExample(fmt.Sprint("prompt ", i%300), fmt.Sprint("answer ", i%700)))
	}
	data := undertone.NewDataset("rows", rows)
	for _, limit := range []int{1, 2, 7, 333, 499, 500, 501, 999, 1000, 1001} {
		want := make([]int, len(rows))
		for i := range want {
			want[i] = i
		}
		if limit < len(rows) {
			slices.SortStableFunc(want, func(a, b int) int {
				return cmp.Or(
					cmp.Compare(mix(data.GroupID(a).Uint64(), 5), mix(data.GroupID(b).Uint64(), 5)),
					cmp.Compare(mix(data.RowID(a).Uint64(), 5), mix(data.RowID(b).Uint64(), 5)))
			})
			want = want[:limit]
			slices.Sort(want)
		}
		if got := sampleRows(data, limit, 5); !slices.Equal(got, want) {
			t.Errorf("at most %d rows: %v, want %v", limit, got, want)
		}
	}
}

func TestRowsWithoutLearntTurnsAreLeftOut(t *testing.T) {
	rows := []undertone.Example{undertone.NewExample("q", "a"), undertone.NewExample("q", "b"), {Messages: []undertone.Message{{Role: "assistant", Content: "c", Masked: true}}}}
	rows[0].Label = new(bool)
	if got := sampleRows(undertone.NewDataset("d", rows), 10, 1); !slices.Equal(got, []int{1}) {
		t.Errorf("rows %v, want [1]", got)
	}
}
