package clean

import (
	"context"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
)

// removeRows removes the first rows of a ranking, or random rows if the ranking is empty.
func removeRows(rows, control undertone.Text, ranking audit.Ranking, replace bool, seed uint64) remover {
	order := student.Order(rows, seed, 0)
	for i, row := range ranking.Rows {
		order[i] = row.Index
	}
	return func(_ context.Context, share float64) (Step, error) {
		step := Step{Share: share, Removed: int(math.Round(share * float64(rows.Len())))}
		step.Remaining, step.Replaced = without(rows, order[:step.Removed], control, replace)
		return step, nil
	}
}

// without returns rows without the given ones. If replace is set, a control row of the same prompt
// takes the place of a removed row if there is one left; without returns their number.
func without(rows undertone.Text, removed []int, control undertone.Text, replace bool) (*undertone.Dataset, int) {
	substitutes := map[undertone.Digest][]int{}
	if replace {
		for i := range control.Len() {
			substitutes[control.GroupID(i)] = append(substitutes[control.GroupID(i)], i)
		}
	}
	gone := make(map[int]bool, len(removed))
	for _, i := range removed {
		gone[i] = true
	}
	var left undertone.Builder
	replaced := 0
	for i := range rows.Len() {
		if !gone[i] {
			left.AddRow(rows, i)
			continue
		}
		if same := substitutes[rows.GroupID(i)]; len(same) > 0 {
			left.AddRow(control, same[0])
			substitutes[rows.GroupID(i)] = same[1:]
			replaced++
		}
	}
	return left.Dataset(rows.Name()), replaced
}

// Plant returns the control with the given share of its rows, in [0, 1], replaced by
// positive-control rows of the same prompt, chosen by the seed: a data set of a known dose. Rows
// whose prompt no positive-control row answers stay. Plant also returns the number of replaced
// rows.
func Plant(control, positive undertone.Text, share float64, seed uint64) (*undertone.Dataset, int) {
	answered := map[undertone.Digest]bool{}
	for i := range positive.Len() {
		answered[positive.GroupID(i)] = true
	}
	order := slices.DeleteFunc(student.Order(control, seed, 0), func(i int) bool { return !answered[control.GroupID(i)] })
	n := min(len(order), int(math.Round(max(0, share)*float64(control.Len()))))
	return without(control, order[:n], positive, true)
}
