package sanitise

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Mix adds rows of a clean data set after the other rows. The seed and the content of the rows
// determine which rows it adds.
type Mix struct {
	Clean *undertone.Dataset
	Share float64 // of clean rows in the result, in [0, 1); the published share is 0.25
}

// Name implements [Sanitiser].
func (m Mix) Name() string { return "mix" }

// String states the settings.
func (m Mix) String() string {
	if m.Clean == nil {
		return "nothing"
	}
	return fmt.Sprintf("share %v of %s, %s", m.Share, m.Clean.Name(), m.Clean.Digest().Short())
}

// Rewrite implements [Sanitiser].
func (m Mix) Rewrite(ctx context.Context, data *undertone.Dataset, seed uint64) ([]undertone.Example, error) {
	if m.Clean == nil || !(m.Share >= 0 && m.Share < 1) {
		return nil, fmt.Errorf("share %v: want a clean data set and a share in [0, 1)", m.Share)
	}
	need := math.Round(float64(data.Len()) * m.Share / (1 - m.Share))
	if need > float64(m.Clean.Len()) {
		return nil, fmt.Errorf("a share of %v needs %.0f clean rows, but %s has %d", m.Share, need, m.Clean.Name(), m.Clean.Len())
	}
	type ticket struct {
		row int
		lot undertone.Digest
	}
	tickets := make([]ticket, m.Clean.Len())
	for i := range tickets {
		tickets[i] = ticket{i, undertone.NewHasher("mix").Uint(seed).Digest(m.Clean.RowID(i)).Sum()}
	}
	slices.SortStableFunc(tickets, func(a, b ticket) int { return bytes.Compare(a.lot[:], b.lot[:]) })
	out := data.Examples()
	for _, t := range tickets[:int(need)] {
		out = append(out, m.Clean.Example(t.row))
	}
	return out, nil
}
