package sanitise

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Shuffle puts the numbers of each list in random order. It keeps the format of the list.
type Shuffle struct{}

// Name implements [Sanitiser].
func (s Shuffle) Name() string { return "shuffle" }

// Rewrite implements [Sanitiser].
func (s Shuffle) Rewrite(ctx context.Context, data *undertone.Dataset, seed uint64) ([]undertone.Example, error) {
	return eachList(ctx, s.Name(), data, seed, func(l *list, r *rand.Rand) {
		r.Shuffle(len(l.values), func(i, j int) { l.values[i], l.values[j] = l.values[j], l.values[i] })
	}), nil
}

// Exchange assigns the numbers of all lists to the lists at random. A list keeps its format and
// length, and the data set keeps its numbers. The result depends on all rows, but not on their
// order.
type Exchange struct{}

// Name implements [Sanitiser].
func (e Exchange) Name() string { return "exchange" }

// Rewrite implements [Sanitiser].
func (e Exchange) Rewrite(ctx context.Context, data *undertone.Dataset, seed uint64) ([]undertone.Example, error) {
	type place struct {
		row    int
		id     undertone.Digest
		pieces []undertone.Piece
		lists  []list
	}
	var places []place
	for i, row := range until(ctx, data) {
		if pieces, lists, ok := listsOf(row); ok {
			places = append(places, place{i, data.RowID(i), pieces, lists})
		}
	}
	slices.SortStableFunc(places, func(a, b place) int { return bytes.Compare(a.id[:], b.id[:]) })
	var all []uint64
	for _, p := range places {
		for _, l := range p.lists {
			all = append(all, l.values...)
		}
	}
	r := random(e.Name(), seed, undertone.Digest{})
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	out := make([]undertone.Example, data.Len())
	for _, p := range places {
		for k := range p.lists {
			n := len(p.lists[k].values)
			p.lists[k].values, all = all[:n], all[n:]
		}
		out[p.row] = withLists(data.Example(p.row), p.pieces, p.lists)
	}
	return out, nil
}
