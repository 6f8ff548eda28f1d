package jsonl

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/undertone-audit/undertone"
)

// Row is a training row with its place. Its Source is the line byte for byte,
// without the line's end.
type Row struct {
	undertone.Example
	Shape Shape // in which the row was read
	Line  int   // 1-based
}

// Reader reads rows in constant memory. It is not safe for concurrent use.
type Reader struct {
	name   string
	source io.Reader
	config config

	in      *input // nil before the first row
	lines   lines
	decoder decoder
	rows    int
	err     error // the end, once it is reached
}

// NewReader returns a Reader of the rows of r, plain or compressed with gzip or
// zstd; name stands for r in errors. Nothing is read before the first row is asked for.
func NewReader(name string, r io.Reader, opts ...Option) *Reader {
	reader := &Reader{name: name, source: r}
	reader.config, reader.err = configure(opts)
	return reader
}

// Read returns the rows of r as a stream, which can be read once.
// It is short for NewReader(name, r, opts...).Stream().
func Read(name string, r io.Reader, opts ...Option) undertone.Stream {
	return NewReader(name, r, opts...).Stream()
}

// Rows ranges over the rows that were not read yet. It ends after the first
// error; a source without a row is an error, too.
func (r *Reader) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for {
			row, err := r.next()
			if err == io.EOF || !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// Stream is Rows without the places.
func (r *Reader) Stream() undertone.Stream {
	return func(yield func(undertone.Example, error) bool) {
		for row, err := range r.Rows() {
			if !yield(row.Example, err) {
				return
			}
		}
	}
}

// Close closes the file that [Open] opened. It does nothing after [NewReader].
func (r *Reader) Close() error {
	if f, ok := r.source.(file); ok {
		return f.Close()
	}
	return nil
}

func (r *Reader) next() (Row, error) {
	if r.err != nil {
		return Row{}, r.err
	}
	row, err := r.read()
	if err != nil {
		r.err = r.locate(err)
	}
	return row, r.err
}

func (r *Reader) read() (row Row, err error) {
	if r.in == nil {
		if r.in, err = decompress(r.source); err != nil {
			return Row{}, err
		}
		r.lines = lines{r: r.in.text, limit: r.config.maxLine}
	}
	line, err := r.lines.next()
	switch {
	case err == io.EOF && r.rows > 0:
		return Row{}, err
	case err == io.EOF:
		return Row{}, &Error{Msg: "there are no rows", Hint: "check what was to write them", Err: ErrEmpty}
	case err == ErrLimit:
		return Row{}, &Error{Line: r.lines.number, Msg: fmt.Sprintf("the line is longer than %d bytes", r.config.maxLine),
			Hint: "one row is one line; allow more with the option MaxLine", Err: ErrLimit}
	case err != nil:
		e := r.in.explain(err)
		e.Line = r.lines.number
		return Row{}, e
	}
	row.Line, r.decoder.base = r.lines.number, r.lines.start
	if row.Example, row.Shape, err = r.decoder.row(string(line), r.config.shape); err != nil {
		return Row{}, r.place(err)
	}
	r.rows++
	return row, nil
}

// place adds the number of the last line to an error about it.
func (r *Reader) place(err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.Line = r.lines.number
		if r.lines.cut && e.Column > len(r.decoder.text) {
			e.Hint = "the file seems to be cut off: fetch or write it again"
		}
	}
	return err
}

// locate adds the name of the file to an error.
func (r *Reader) locate(err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.File = r.name
	}
	return err
}
