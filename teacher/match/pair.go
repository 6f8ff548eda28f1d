package match

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// ErrNoPairs says that no prompt has a row in both arms.
var ErrNoPairs = errors.New("match: no prompt has a row in both arms")

// Pair is two arms of equal size. Row i of one and row i of the other answer one prompt.
type Pair struct {
	Suspect, Control *undertone.Dataset
	Losses           [2]Arm // what the suspect and the control lost

	prompts int // different ones
}

// Arm says what became of the rows of one data set.
type Arm struct {
	Name    string           `json:"name"`
	Digest  undertone.Digest `json:"digest"`    // of the rows before the filters
	Filters filter.Stats     `json:"filters"`   // rows read, kept, and dropped with reasons
	Alone   int              `json:"alone"`     // rows whose prompt the other arm does not have
	Surplus int              `json:"surplus"`   // rows beyond those that the other arm has of the prompt
	Kept    Rate             `json:"keep_rate"` // by the filters
}

// Rows filters both arms and pairs what is kept by prompt. Rows of a prompt that one
// arm lacks are dropped, and so are those beyond the number that the other arm has; which
// ones is decided by their digests. The pairs come in the order of the prompts' digests: the order of
// the rows in the arms changes nothing.
func Rows(ctx context.Context, suspect, control *undertone.Dataset, filters ...filter.Filter) (*Pair, error) {
	if suspect == nil || control == nil {
		return nil, errors.New("match: a pair needs two data sets")
	}
	var kept [2]*undertone.Dataset
	var by [2]map[undertone.Digest][]int
	p := new(Pair)
	for k, data := range []*undertone.Dataset{suspect, control} {
		var stats filter.Stats
		var err error
		if kept[k], stats, err = filter.Apply(ctx, data, filters...); err != nil {
			return nil, err
		}
		by[k] = byPrompt(kept[k])
		p.Losses[k] = Arm{Name: data.Name(), Digest: data.Digest(), Filters: stats, Kept: newRate(stats.Kept, stats.Rows, level)}
	}
	var rows [2][]int
	for _, prompt := range prompts(by[0], by[1]) {
		n := min(len(by[0][prompt]), len(by[1][prompt]))
		if n > 0 {
			p.prompts++
		}
		for k := range rows {
			rows[k] = append(rows[k], by[k][prompt][:n]...)
			switch lost := len(by[k][prompt]) - n; n {
			case 0:
				p.Losses[k].Alone += lost
			default:
				p.Losses[k].Surplus += lost
			}
		}
	}
	if p.prompts == 0 {
		return nil, fmt.Errorf("%w: %q kept %d of %d rows and %q %d of %d: give both teachers the same prompts",
			ErrNoPairs, suspect.Name(), kept[0].Len(), suspect.Len(), control.Name(), kept[1].Len(), control.Len())
	}
	for k, arm := range []**undertone.Dataset{&p.Suspect, &p.Control} {
		lost := kept[k].Len() - len(rows[k])
		*arm = kept[k].Subset(rows[k], undertone.Step{Name: "match by prompt", Settings: "with " + kept[1-k].Name(), Kept: len(rows[k]), Dropped: lost})
	}
	return p, nil
}

// Prompts returns the number of different prompts.
func (p *Pair) Prompts() int { return p.prompts }

// byPrompt returns the rows of each prompt, in the order of their digests.
func byPrompt(d *undertone.Dataset) map[undertone.Digest][]int {
	rows := make(map[undertone.Digest][]int)
	for i := range d.Len() {
		rows[d.GroupID(i)] = append(rows[d.GroupID(i)], i)
	}
	for _, r := range rows {
		slices.SortFunc(r, func(a, b int) int { return compare(d.RowID(a), d.RowID(b)) })
	}
	return rows
}

// prompts returns the prompts of both arms, sorted.
func prompts(a, b map[undertone.Digest][]int) []undertone.Digest {
	var all []undertone.Digest
	for p := range a {
		all = append(all, p)
	}
	for p := range b {
		if _, ok := a[p]; !ok {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, compare)
	return all
}

func compare(a, b undertone.Digest) int { return bytes.Compare(a[:], b[:]) }
