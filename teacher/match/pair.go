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

// ErrNoPairs reports that no prompt has a row in both arms.
var ErrNoPairs = errors.New("match: no prompt has a row in both arms")

// Pair is two arms of equal size. Row i of the suspect and row i of the control have the same
// prompt.
type Pair struct {
	Suspect, Control *undertone.Dataset
	Arms             [2]Arm // of the suspect and of the control: which rows were dropped

	prompts int // distinct prompts
}

// Arm counts the rows of one data set that were kept and dropped.
type Arm struct {
	Name      string           `json:"name"`
	Digest    undertone.Digest `json:"digest"`    // of the rows before the filters
	Filters   filter.Stats     `json:"filters"`   // rows read, kept, and dropped with reasons
	KeepRate  Rate             `json:"keep_rate"` // rows kept by the filters
	Unmatched int              `json:"unmatched"` // rows dropped because the other arm lacks their prompt
	Surplus   int              `json:"surplus"`   // rows dropped because the other arm has fewer rows of their prompt
}

// Rows filters both arms and pairs the kept rows by prompt. It drops rows of a prompt that one arm
// lacks, and rows beyond the number that the other arm has of their prompt; the row IDs decide
// which. The pairs are in the order of the prompt group IDs, so the order of the rows in the arms
// has no effect. The error wraps [ErrNoPairs] if no prompt has a row in both arms.
func Rows(ctx context.Context, suspect, control *undertone.Dataset, filters ...filter.Filter) (*Pair, error) {
	if suspect == nil || control == nil {
		return nil, errors.New("match: a data set is nil: a pair needs two")
	}
	var kept [2]*undertone.Dataset
	var by [2]map[undertone.Digest][]int
	p := new(Pair)
	for k, data := range []*undertone.Dataset{suspect, control} {
		var counts filter.Stats
		var err error
		if kept[k], counts, err = filter.Apply(ctx, data, filters...); err != nil {
			return nil, err
		}
		by[k] = byPrompt(kept[k])
		p.Arms[k] = Arm{Name: data.Name(), Digest: data.Digest(), Filters: counts, KeepRate: newRate(counts.Kept, counts.Rows)}
	}
	var rows [2][]int
	for _, prompt := range prompts(by[0], by[1]) {
		n := min(len(by[0][prompt]), len(by[1][prompt]))
		if n > 0 {
			p.prompts++
		}
		for k := range rows {
			rows[k] = append(rows[k], by[k][prompt][:n]...)
			switch dropped := len(by[k][prompt]) - n; n {
			case 0:
				p.Arms[k].Unmatched += dropped
			default:
				p.Arms[k].Surplus += dropped
			}
		}
	}
	if p.prompts == 0 {
		return nil, fmt.Errorf("%w: %q kept %d of %d rows and %q %d of %d: give both teachers the same prompts",
			ErrNoPairs, suspect.Name(), kept[0].Len(), suspect.Len(), control.Name(), kept[1].Len(), control.Len())
	}
	for k, arm := range []**undertone.Dataset{&p.Suspect, &p.Control} {
		dropped := kept[k].Len() - len(rows[k])
		*arm = kept[k].Subset(rows[k], undertone.Step{Name: "match by prompt", Settings: "with " + kept[1-k].Name(), Kept: len(rows[k]), Dropped: dropped})
	}
	return p, nil
}

// Prompts returns the number of distinct prompts of the pair.
func (p *Pair) Prompts() int { return p.prompts }

// byPrompt returns the rows of each prompt, in the order of their row IDs.
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

// prompts returns the prompts of either arm, sorted.
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
