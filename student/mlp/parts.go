package mlp

import (
	"fmt"
	"slices"
	"sync"

	"github.com/undertone-audit/undertone"
)

// Parts is data that divides itself: part r is for replicate r, which has a teacher of its own. No
// student learns from all parts.
type Parts struct {
	name  string
	parts []undertone.Data
	at    []place
	all   func() undertone.Digest
}

// place is a row of a part.
type place struct{ part, row int32 }

var (
	_ undertone.Data        = (*Parts)(nil)
	_ undertone.Partitioner = (*Parts)(nil)
)

// Join returns the rows of all parts, part 0 first, as data with one part for each replicate.
func Join(name string, parts ...undertone.Data) *Parts {
	var at []place
	for p, part := range parts {
		for row := range part.Len() {
			at = append(at, place{int32(p), int32(row)})
		}
	}
	return newParts(name, slices.Clone(parts), at)
}

func newParts(name string, parts []undertone.Data, at []place) *Parts {
	d := &Parts{name: name, parts: parts, at: at}
	d.all = sync.OnceValue(func() undertone.Digest {
		rows := make([]undertone.Digest, len(at))
		for i := range at {
			rows[i] = d.RowID(i)
		}
		return digestOf("parts", rows)
	})
	return d
}

// Part implements [undertone.Partitioner]. It returns an error if there are fewer than n parts.
func (d *Parts) Part(r, n int) (undertone.Data, error) {
	if n > len(d.parts) || r < 0 || r >= n {
		return nil, fmt.Errorf("mlp: data set %.80q has %d parts, not part %d of %d", d.name, len(d.parts), r, n)
	}
	var rows []int
	for _, p := range d.at {
		if int(p.part) == r {
			rows = append(rows, int(p.row))
		}
	}
	return d.parts[r].Select(rows), nil
}

// Name implements [undertone.Data].
func (d *Parts) Name() string { return d.name }

// Len implements [undertone.Data].
func (d *Parts) Len() int { return len(d.at) }

// Digest implements [undertone.Data].
func (d *Parts) Digest() undertone.Digest { return d.all() }

// RowID implements [undertone.Data]: it covers the number of the part, so that exchanged parts
// change the digest.
func (d *Parts) RowID(i int) undertone.Digest {
	p := d.at[i]
	return undertone.NewHasher("part row").Uint(uint64(p.part)).Digest(d.parts[p.part].RowID(int(p.row))).Sum()
}

// GroupID implements [undertone.Data].
func (d *Parts) GroupID(i int) undertone.Digest {
	p := d.at[i]
	return d.parts[p.part].GroupID(int(p.row))
}

// Select implements [undertone.Data]. The parts keep their numbers.
func (d *Parts) Select(rows []int) undertone.Data {
	at := make([]place, len(rows))
	for i, r := range rows {
		at[i] = d.at[r]
	}
	return newParts(d.name, d.parts, at)
}
