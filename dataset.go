package undertone

import (
	"iter"
	"slices"
	"sync"
)

// Stream is a sequence of rows, which may be larger than memory. It ends after the first error.
type Stream = iter.Seq2[Example, error]

// Step describes one step that made a data set. The history of a data set consists of steps.
type Step struct {
	Name     string `json:"name"`               // such as "generate" or "filter numbers"
	Seed     uint64 `json:"seed,omitempty"`     // of a random step
	Settings string `json:"settings,omitempty"` // for people
	Kept     int    `json:"kept"`               // rows after the step
	Dropped  int    `json:"dropped"`            // rows that the step removed
}

// Dataset is a named list of rows in memory. It is immutable: a change of the rows makes another
// data set. It implements [Data]. The digests of a row are computed once, on first use and on all
// cores, and travel with the row to the data sets that [Dataset.Select], [Dataset.Subset] and
// [Builder] make.
type Dataset struct {
	name    string
	rows    []Example
	history []Step
	ids     func() []*identity // of each row; the digests may be missing
	ready   func() []*identity // with digests
	digest  func() Digest
}

var _ Data = (*Dataset)(nil)

// NewDataset returns a data set of rows and of the steps that made them. The caller must not change
// the rows afterwards.
func NewDataset(name string, rows []Example, history ...Step) *Dataset {
	return newDataset(name, rows, history, func() []*identity { return unknown(len(rows)) })
}

func newDataset(name string, rows []Example, history []Step, ids func() []*identity) *Dataset {
	d := &Dataset{name: name, rows: rows, history: history, ids: sync.OnceValue(ids)}
	d.ready = sync.OnceValue(func() []*identity {
		identify(d.rows, d.ids())
		return d.ids()
	})
	d.digest = sync.OnceValue(func() Digest {
		digests := make([]Digest, len(d.rows))
		for i, id := range d.ready() {
			digests[i] = id.row
		}
		return DigestRows(digests)
	})
	return d
}

// Collect reads a stream to its end. At the first error it returns that error and the rows before
// it.
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

// Named returns the rows and the history of d under another name.
func (d *Dataset) Named(name string) *Dataset {
	named := *d
	named.name = name
	return &named
}

// Len implements [Data].
func (d *Dataset) Len() int { return len(d.rows) }

// Example returns row i; its messages are shared with the data set.
func (d *Dataset) Example(i int) Example { return d.rows[i] }

// History returns the steps that made the data set, first to last.
func (d *Dataset) History() []Step { return slices.Clone(d.history) }

// Examples returns the rows in a new slice; their messages are shared with the data set.
func (d *Dataset) Examples() []Example { return slices.Clone(d.rows) }

// All ranges over the rows and their indices.
func (d *Dataset) All() iter.Seq2[int, Example] { return slices.All(d.rows) }

// Stream ranges over the rows. It yields no error.
func (d *Dataset) Stream() Stream {
	return func(yield func(Example, error) bool) {
		for _, row := range d.rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// Derive returns new rows as a data set that was made from d by one more step. [Dataset.Subset] and
// [Builder] keep the digests of rows that d has.
func (d *Dataset) Derive(rows []Example, step Step) *Dataset {
	return NewDataset(d.name, rows, append(d.History(), step)...)
}

// RowID implements [Data]. It returns the row's [Example.ID].
func (d *Dataset) RowID(i int) Digest { return d.ready()[i].row }

// GroupID implements [Data]. It returns the row's [Example.PromptID].
func (d *Dataset) GroupID(i int) Digest { return d.ready()[i].group }

// Digest implements [Data]. It returns the digest of the sorted row IDs; see [DigestRows].
func (d *Dataset) Digest() Digest { return d.digest() }

// Select implements [Data]. The result has the history of d.
func (d *Dataset) Select(rows []int) Data { return d.pick(rows, d.history) }

// Subset returns the rows with these indices, in that order, as a data set that was made from d by
// one more step.
func (d *Dataset) Subset(rows []int, step Step) *Dataset {
	return d.pick(rows, append(d.History(), step))
}

func (d *Dataset) pick(rows []int, history []Step) *Dataset {
	rows = slices.Clone(rows)
	picked := make([]Example, len(rows))
	for i, r := range rows {
		picked[i] = d.rows[r]
	}
	return newDataset(d.name, picked, history, func() []*identity {
		all := d.ids()
		ids := make([]*identity, len(rows))
		for i, r := range rows {
			ids[i] = all[r]
		}
		return ids
	})
}

// DigestRows returns the digest of the data set whose rows have these IDs ([Example.ID]), in any
// order. It sorts the slice. With it a program can identify a data set that is larger than memory.
func DigestRows(rows []Digest) Digest {
	slices.SortFunc(rows, Digest.Compare)
	return DigestSortedRows(len(rows), slices.Values(rows))
}

// DigestSortedRows returns what [DigestRows] returns for n row IDs that are sorted by
// [Digest.Compare]. The IDs need not be in memory at once.
func DigestSortedRows(n int, sorted iter.Seq[Digest]) Digest {
	h := NewHasher("dataset").Uint(uint64(n))
	for id := range sorted {
		h.Digest(id)
	}
	return h.Sum()
}
