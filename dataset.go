package undertone

import (
	"bytes"
	"iter"
	"slices"
	"sync"
)

// Stream is a sequence of rows that may be longer than memory. It ends after the first error.
type Stream = iter.Seq2[Example, error]

// Step is one thing that was done to make a data set, for its history.
type Step struct {
	Name     string `json:"name"`               // such as "generate" or "filter numbers"
	Seed     uint64 `json:"seed,omitempty"`     // of the step, where it is random
	Settings string `json:"settings,omitempty"` // for people
	Kept     int    `json:"kept"`               // rows after the step
	Dropped  int    `json:"dropped"`            // rows that the step took away
}

// Dataset is a named list of rows in memory. It is immutable: what changes the
// rows returns another one. It implements [Data].
type Dataset struct {
	name    string
	rows    []Example
	history []Step
	ids     func() identities
}

// identities holds the digests of the rows, computed once on first use.
type identities struct {
	rows, groups []Digest
	all          Digest
}

var _ Data = (*Dataset)(nil)

// NewDataset returns a data set that holds rows, which the caller no longer
// changes, and the steps that made them.
func NewDataset(name string, rows []Example, history ...Step) *Dataset {
	return &Dataset{name, rows, history, sync.OnceValue(func() identities {
		return identify(len(rows), func(i int) (row, group Digest) { return rows[i].ID(), rows[i].PromptID() })
	})}
}

// Collect reads a stream to its end. At the first error it returns the error and the rows before it.
func Collect(name string, s Stream) (*Dataset, error) {
	var rows []Example
	for row, err := range s {
		if err != nil {
			return NewDataset(name, rows), err
		}
		rows = append(rows, row)
	}
	return NewDataset(name, rows), nil
}

// Name implements [Data].
func (d *Dataset) Name() string { return d.name }

// Len implements [Data].
func (d *Dataset) Len() int { return len(d.rows) }

// Example returns row i; its messages are shared with the data set.
func (d *Dataset) Example(i int) Example { return d.rows[i] }

// History returns the steps that made the rows, first to last.
func (d *Dataset) History() []Step { return slices.Clone(d.history) }

// All ranges over the rows with their indices.
func (d *Dataset) All() iter.Seq2[int, Example] { return slices.All(d.rows) }

// Stream ranges over the rows without an error.
func (d *Dataset) Stream() Stream {
	return func(yield func(Example, error) bool) {
		for _, row := range d.rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// Derive returns rows as a data set that was made from d by one more step.
func (d *Dataset) Derive(rows []Example, step Step) *Dataset {
	return NewDataset(d.name, rows, append(d.History(), step)...)
}

// RowID implements [Data]: the row's [Example.ID].
func (d *Dataset) RowID(i int) Digest { return d.ids().rows[i] }

// GroupID implements [Data]: the row's [Example.PromptID].
func (d *Dataset) GroupID(i int) Digest { return d.ids().groups[i] }

// Digest implements [Data]: the digest of the sorted row ids.
func (d *Dataset) Digest() Digest { return d.ids().all }

// Select implements [Data].
func (d *Dataset) Select(rows []int) Data {
	rows = slices.Clone(rows)
	picked := make([]Example, len(rows))
	for i, r := range rows {
		picked[i] = d.rows[r]
	}
	return &Dataset{d.name, picked, d.history, sync.OnceValue(func() identities {
		known := d.ids()
		return identify(len(rows), func(i int) (row, group Digest) { return known.rows[rows[i]], known.groups[rows[i]] })
	})}
}

func identify(n int, of func(i int) (row, group Digest)) identities {
	ids := identities{rows: make([]Digest, n), groups: make([]Digest, n)}
	for i := range n {
		ids.rows[i], ids.groups[i] = of(i)
	}
	ids.all = DigestRows(slices.Clone(ids.rows))
	return ids
}

// DigestRows returns the digest of the data set whose rows have these digests
// ([Example.ID]), which it sorts: rows that are too many to hold still have one.
func DigestRows(rows []Digest) Digest {
	slices.SortFunc(rows, func(a, b Digest) int { return bytes.Compare(a[:], b[:]) })
	h := NewHasher("dataset").Uint(uint64(len(rows)))
	for _, id := range rows {
		h.Digest(id)
	}
	return h.Sum()
}
