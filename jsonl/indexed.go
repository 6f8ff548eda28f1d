package jsonl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/undertone-audit/undertone"
)

// Indexed is the rows of a plain file, or some of them, as [undertone.Text]. It reads and decodes a
// row each time that it is asked for, so the rows may be larger than memory: beside the indices of
// a selection it holds nothing that grows with the file. Row IDs and prompt group IDs come from the
// index. Programs that use each row once lose nothing by it; others should encode rows once, as an
// audit does, or load them.
//
// A row that cannot be read, because the file changed, is the zero Example, and [Indexed.Err]
// returns the error from then on. Indexed is safe for concurrent use.
type Indexed struct {
	*indexedFile
	rows   []int // in the file; nil for all
	digest func() undertone.Digest
}

var (
	_ undertone.Text     = (*Indexed)(nil)
	_ undertone.LazyData = (*Indexed)(nil)
)

// indexedFile is what all selections of one file share.
type indexedFile struct {
	name  string
	index *Index
	err   atomic.Pointer[error] // the first
}

// OpenIndexed opens the rows of a plain file. If the file has no index, OpenIndexed builds it, see
// [BuildIndex]. It reads the whole index, but not the file, and checks that the entries follow each
// other and that nothing but blank lines lies between them. The name of the data set is path. The
// caller must close it.
func OpenIndexed(ctx context.Context, path string, opts ...Option) (*Indexed, error) {
	x, err := OpenIndex(path, opts...)
	if errors.Is(err, fs.ErrNotExist) {
		if err = BuildIndex(ctx, path, opts...); err == nil {
			x, err = OpenIndex(path, append(slices.Clone(opts), CountUnread(nil))...) // BuildIndex counted
		}
	}
	if err != nil {
		return nil, err
	}
	if err := x.contiguous(ctx); err != nil {
		_ = x.Close()
		return nil, err
	}
	return selection(&indexedFile{name: path, index: x}, nil), nil
}

func selection(f *indexedFile, rows []int) *Indexed {
	d := &Indexed{indexedFile: f, rows: rows}
	d.digest = sync.OnceValue(func() undertone.Digest { return digestRows(d.Len(), d.RowID, digestedAtOnce) })
	return d
}

// Name implements [undertone.Data].
func (d *Indexed) Name() string { return d.name }

// Len implements [undertone.Data].
func (d *Indexed) Len() int {
	if d.rows == nil {
		return d.index.Len()
	}
	return len(d.rows)
}

// row returns the index in the file of row i. It panics like a slice if there is no row i.
func (d *Indexed) row(i int) int {
	switch n := d.Len(); {
	case i < 0 || i >= n:
		panic(fmt.Sprintf("jsonl: row %d is out of range [0, %d)", i, n))
	case d.rows == nil:
		return i
	}
	return d.rows[i]
}

// Example implements [undertone.Text]. It reads the row from the file.
func (d *Indexed) Example(i int) undertone.Example {
	row, err := d.index.Row(d.row(i))
	if err != nil {
		d.fail(err)
		return undertone.Example{}
	}
	return row.Example
}

// RowID implements [undertone.Data].
func (d *Indexed) RowID(i int) undertone.Digest { return d.identity(i, entryRow) }

// GroupID implements [undertone.Data].
func (d *Indexed) GroupID(i int) undertone.Digest { return d.identity(i, entryGroup) }

// identity reads a digest of the entry of row i. OpenIndexed has checked the page that it is in.
func (d *Indexed) identity(i, at int) (id undertone.Digest) {
	page, entry := entryPlace(d.row(i))
	if _, err := d.index.index.ReadAt(id[:], page*pageSize+int64(entry+at)); err != nil {
		d.fail(d.index.stale(err.Error()))
		return undertone.Digest{}
	}
	return id
}

// Digest implements [undertone.Data]. It is computed from the row IDs on first use, in passes over
// the index that hold 64 MiB of them.
func (d *Indexed) Digest() undertone.Digest { return d.digest() }

// Select implements [undertone.Data]. The result reads from the same file, which Close of either
// closes for both.
func (d *Indexed) Select(rows []int) undertone.Data {
	picked := make([]int, len(rows))
	for i, r := range rows {
		picked[i] = d.row(r)
	}
	return selection(d.indexedFile, picked)
}

// Stream ranges over the rows. It ends after the first row that cannot be read, with its error.
func (d *Indexed) Stream() undertone.Stream {
	return func(yield func(undertone.Example, error) bool) {
		for i := range d.Len() {
			row, err := d.index.Row(d.row(i))
			if !yield(row.Example, err) || err != nil {
				return
			}
		}
	}
}

// Err implements [undertone.LazyData]. It returns the first error of a read, or an error if the
// file or the index has changed by now. If it returns nil, everything that was read before is as it
// was indexed.
func (d *Indexed) Err() error {
	if err := d.err.Load(); err != nil {
		return *err
	}
	for _, f := range []randomAccess{d.index.file, d.index.index} {
		if err := f.Unchanged(); err != nil {
			d.fail(d.index.stale(err.Error()))
			return *d.err.Load()
		}
	}
	return nil
}

func (d *Indexed) fail(err error) { d.err.CompareAndSwap(nil, &err) }

// Close closes the file and its index, for d and for all data sets that were selected from it.
func (d *Indexed) Close() error { return d.index.Close() }

// digestedAtOnce is the number of row IDs that [digestRows] holds: 64 MiB.
const digestedAtOnce = 2 << 20

// digestRows is [undertone.DigestRows] of n row IDs. It holds about atOnce of them: row IDs are
// uniform, so each pass takes those in one range of their first bits. It holds more if many rows
// are equal.
func digestRows(n int, id func(int) undertone.Digest, atOnce int) undertone.Digest {
	h := undertone.NewHasher("dataset").Uint(uint64(n))
	passes := uint64(n/atOnce + 1)
	some := make([]undertone.Digest, 0, n/int(passes)*9/8+1)
	for pass := range passes {
		some = some[:0]
		for i := range n {
			d := id(i)
			if in, _ := bits.Mul64(d.Uint64(), passes); in == pass {
				some = append(some, d)
			}
		}
		slices.SortFunc(some, func(a, b undertone.Digest) int { return bytes.Compare(a[:], b[:]) })
		for _, d := range some {
			h.Digest(d)
		}
	}
	return h.Sum()
}
