package jsonl

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/undertone-audit/undertone"
)

// Row is a training row with its position in a file. Its Source is the line, byte for byte, without
// the line end.
type Row struct {
	undertone.Example
	Shape  Shape // in which the row was read
	Line   int   // number of the line, from 1
	Offset int64 // of the line in the decompressed text, in bytes

	// Tokens are the tokens of a row of the shape [TokenIDs], which has no messages, or nil. See
	// [Tokenised].
	Tokens *Tokens
}

// Reader reads rows in constant memory. It is not safe for concurrent use.
type Reader struct {
	name   string
	source *source
	config config

	in      *input // nil before the first row
	lines   lines
	decoder decoder
	started bool  // a line that is not blank was read
	err     error // of every further call, once there is one
}

// NewReader returns a Reader of the rows of r, plain or compressed with gzip or zstd. Errors call r
// by name. NewReader itself reads nothing.
func NewReader(name string, r io.Reader, opts ...Option) *Reader {
	c, err := configure(opts)
	reader := newReader(name, r, c)
	reader.err = err
	return reader
}

func newReader(name string, r io.Reader, c config) *Reader {
	return &Reader{name: name, source: &source{Reader: r, tee: c.tee}, config: c, decoder: newDecoder(c)}
}

// Read returns the rows of r as a stream, which can be read once. It is short for
// NewReader(name, r, opts...).Stream().
func Read(name string, r io.Reader, opts ...Option) undertone.Stream {
	return NewReader(name, r, opts...).Stream()
}

// Rows ranges over the rows that have not been read yet. It ends after the first error. A source
// without a row is an error.
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

// Stream is [Reader.Rows] without shapes and line numbers.
func (r *Reader) Stream() undertone.Stream {
	return func(yield func(undertone.Example, error) bool) {
		for row, err := range r.Rows() {
			if !yield(row.Example, err) {
				return
			}
		}
	}
}

// Close closes the file that [Open] opened. It does nothing for a Reader of [NewReader].
func (r *Reader) Close() error {
	if f, ok := r.source.Reader.(file); ok {
		return f.Close()
	}
	return nil
}

// BytesRead returns the number of bytes read from the source so far, before decompression. It may
// be called while another goroutine reads.
func (r *Reader) BytesRead() int64 { return r.source.read.Load() }

// Compression returns "gzip", "zstd" or, for plain text and before the first read, "".
func (r *Reader) Compression() string {
	if r.in == nil {
		return ""
	}
	return r.in.format
}

func (r *Reader) next() (row Row, err error) {
	if r.err != nil {
		return row, r.err
	}
	line, err := r.line()
	if err == nil {
		err = r.decoder.read(string(line), r.place(), &row)
	}
	r.decoder.unread.flush()
	if err != nil {
		r.err = located(err, r.name)
	}
	return row, r.err
}

// line returns the next line, valid until the next call, or io.EOF after the last.
func (r *Reader) line() (line []byte, err error) {
	if r.in == nil {
		if r.in, err = decompress(r.source); err != nil {
			return nil, err
		}
		r.lines = lines{r: r.in.text, limit: r.config.maxLine}
	}
	line, err = r.lines.next()
	switch {
	case err == nil:
		r.started = true
	case err == io.EOF && !r.started:
		return nil, &Error{Msg: "there are no rows", Hint: "check the program that writes them", Err: ErrEmpty}
	case err == ErrLimit:
		return nil, r.tooLong()
	case err != io.EOF:
		e := r.in.explain(err)
		e.Line = r.lines.number
		return nil, e
	}
	return line, err
}

// tooLong returns the error for a line that exceeds the limit.
func (r *Reader) tooLong() error {
	if r.lines.padded {
		return &Error{Line: r.lines.number, Msg: "a line of NUL bytes (0x00) is longer than " + fmt.Sprint(r.config.maxLine) + " bytes", Hint: lostBytes, Err: ErrLimit}
	}
	return &Error{Line: r.lines.number, Msg: fmt.Sprintf("the line is longer than %d bytes", r.config.maxLine),
		Hint: "write one row per line", Option: optionMaxLine, Err: ErrLimit}
}

func (r *Reader) place() place { return place{r.lines.number, r.lines.start, r.lines.cut} }

// place is the position of a line in a file.
type place struct {
	line  int   // number of the line, from 1
	start int64 // offset of the line in the text
	cut   bool  // the line is the last one and has no line feed
}

// read reads a line as a row. Its errors lack only the name of the file.
func (d *decoder) read(line string, at place, to *Row) error {
	d.base = at.start
	to.Line, to.Offset = at.line, at.start
	err := d.row(line, to)
	if err == nil {
		return nil
	}
	*to = Row{}
	if e := (*Error)(nil); errors.As(err, &e) {
		e.Line = at.line
		if at.cut && e.Column > len(line) {
			e.Hint = "the file seems to be truncated; fetch or write it again"
		}
	}
	return err
}

// located adds the name of the file to an error.
func located(err error, file string) error {
	if e := (*Error)(nil); errors.As(err, &e) {
		e.File = file
	}
	return err
}
