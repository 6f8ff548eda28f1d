package jsonl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/mapped"
)

// Index reads the rows of a plain file at random. It holds no row in memory: the file and the
// index, which [BuildIndex] wrote beside it, are mapped, and a row is read and decoded when it is
// asked for. An Index is safe for concurrent use.
//
// The index is bound to the size, the modification time and the content digest of its file.
// [OpenIndex] and every read of a row compare size and time with those of the file at that moment.
// A row that was read must have the row ID and the prompt group ID of its entry. A file that was
// changed, truncated or replaced is therefore an error, [ErrIndex], and neither another row nor a
// crash: package mapped says how a read of a truncated file avoids SIGBUS.
type Index struct {
	path        string
	config      config
	trailer     trailer
	file, index randomAccess
	decoders    sync.Pool // of *decoder
	counted     rowSet    // rows whose fields CountUnread has counted
}

// randomAccess is a file that can be read at random, and that knows whether it changed.
type randomAccess interface {
	io.ReaderAt
	io.Closer
	Size() int64
	Unchanged() error
}

// OpenIndex opens the index of a file. An index that does not exist is [fs.ErrNotExist]. The caller
// must close the Index.
func OpenIndex(path string, opts ...Option) (*Index, error) {
	c, err := indexConfig(opts)
	if err != nil {
		return nil, err
	}
	index, err := mapped.Open(IndexPath(path))
	if err != nil {
		return nil, &Error{File: IndexPath(path), Msg: "cannot open the index: " + reason(err), Err: err}
	}
	file, err := mapped.Open(path)
	if err != nil {
		_ = index.Close()
		return nil, &Error{File: path, Msg: "cannot open: " + reason(err), Hint: "check the path", Err: err}
	}
	x, err := newIndex(path, c, file, index)
	if err == nil && !x.trailer.time.Equal(file.Info().ModTime()) {
		err = x.stale("the file was modified after its index was built")
	}
	if err != nil {
		_, _ = file.Close(), index.Close()
		return nil, err
	}
	return x, nil
}

// indexConfig returns the configuration for an index. A row of tokens has no text and no row ID, so
// it is an error even with [Tokenised].
func indexConfig(opts []Option) (config, error) {
	c, err := configure(opts)
	c.tokenised = false
	return c, err
}

// newIndex returns the Index of a file and of its index.
func newIndex(path string, c config, file, index randomAccess) (*Index, error) {
	x := &Index{path: path, config: c, file: file, index: index}
	x.decoders.New = func() any {
		d := newDecoder(c)
		return &d
	}
	var err error
	if x.trailer, err = readTrailer(index, index.Size()); err != nil {
		return nil, x.stale(err.Error())
	}
	if size := file.Size(); x.trailer.size != size {
		return nil, x.stale(fmt.Sprintf("the file has %d bytes, %d when its index was built", size, x.trailer.size))
	}
	if want := c.reading(); x.trailer.reading != want {
		return nil, x.stale(fmt.Sprintf("the index was built with the options %q, not %q", x.trailer.reading, want))
	}
	return x, nil
}

// stale returns the error for an index that does not fit its file.
func (x *Index) stale(what string) error {
	return &Error{File: x.path, Msg: what, Hint: "if the file is right, delete " + IndexPath(x.path) + " and build the index again", Err: ErrIndex}
}

// Len returns the number of rows.
func (x *Index) Len() int { return int(x.trailer.rows) }

// Content returns the SHA-256 of the bytes of the file when the index was built. [Index.Verify]
// compares it with the file.
func (x *Index) Content() undertone.Digest { return x.trailer.content }

// Entry returns the position and the identity of row i, in [0, Len).
func (x *Index) Entry(i int) (Entry, error) {
	if i < 0 || i >= x.Len() {
		return Entry{}, &Error{File: x.path, Msg: fmt.Sprintf("row %d is out of range [0, %d)", i, x.Len()), Err: fs.ErrNotExist}
	}
	number, at := entryPlace(i)
	page := make([]byte, pageSize)
	if err := x.page(number, page); err != nil {
		return Entry{}, err
	}
	e := entryAt(page[at:])
	return e, x.check(e)
}

// page reads a page of entries.
func (x *Index) page(number int64, into []byte) error {
	if _, err := x.index.ReadAt(into, number*pageSize); err != nil {
		return x.stale("the index: " + err.Error())
	}
	if !signed(into, number) {
		return x.stale(errDamaged.Error())
	}
	return nil
}

// check returns an error for an entry that cannot be a position in the file.
func (x *Index) check(e Entry) error {
	if !e.within(x.trailer.size) {
		return x.stale(errDamaged.Error())
	}
	return nil
}

// Row reads row i, in [0, Len). [CountUnread] counts each row once, when it is first read.
func (x *Index) Row(i int) (Row, error) {
	e, err := x.Entry(i)
	if err != nil {
		return Row{}, err
	}
	if e.Length > x.config.maxLine {
		return Row{}, &Error{File: x.path, Line: e.Line, Msg: fmt.Sprintf("the line is longer than %d bytes", x.config.maxLine), Option: optionMaxLine, Err: ErrLimit}
	}
	if err := x.file.Unchanged(); err != nil {
		return Row{}, x.stale(err.Error())
	}
	line := make([]byte, e.Length)
	if _, err := x.file.ReadAt(line, e.Offset); err != nil {
		return Row{}, x.stale(err.Error())
	}
	d := x.decoders.Get().(*decoder)
	defer x.decoders.Put(d)
	var row Row
	err = d.read(string(line), place{line: e.Line, start: e.Offset}, &row)
	if x.config.unread != nil {
		d.unread.settle(err == nil && x.counted.add(i, x.Len()))
	}
	if err != nil {
		return Row{}, x.stale(fmt.Sprintf("row %d is not the row that was indexed: %v", i, err))
	}
	if row.ID() != e.RowID || row.PromptID() != e.GroupID {
		return Row{}, x.stale(fmt.Sprintf("row %d is not the row that was indexed: it has the ID %s, want %s", i, row.ID().Short(), e.RowID.Short()))
	}
	return row, nil
}

// Example reads row i, in [0, Len), without its position.
func (x *Index) Example(i int) (undertone.Example, error) {
	row, err := x.Row(i)
	return row.Example, err
}

// Close closes the file and the index. Later reads are errors.
func (x *Index) Close() error { return errors.Join(x.file.Close(), x.index.Close()) }

// rowSet is a set of rows. It is safe for concurrent use.
type rowSet struct {
	mu   sync.Mutex
	bits []uint64
}

// add adds a row of n rows, and reports whether it is new.
func (s *rowSet) add(row, n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bits == nil {
		s.bits = make([]uint64, (n+63)/64)
	}
	bit := uint64(1) << (row % 64)
	added := s.bits[row/64]&bit == 0
	s.bits[row/64] |= bit
	return added
}
