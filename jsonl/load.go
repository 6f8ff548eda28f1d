package jsonl

import (
	"fmt"
	"os"

	"github.com/undertone-audit/undertone"
)

// file is a file that [Open] opened and [Reader.Close] closes.
type file struct{ *os.File }

// Open returns a [Reader] of a file. The caller must close it.
func Open(path string, opts ...Option) (*Reader, error) {
	c, err := configure(opts)
	if err != nil {
		return nil, err
	}
	return openFile(path, c)
}

func openFile(path string, c config) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{File: path, Msg: "cannot open: " + reason(err), Hint: "check the path", Err: err}
	}
	switch info, err := f.Stat(); {
	case err != nil:
		_ = f.Close()
		return nil, &Error{File: path, Msg: "cannot open: " + reason(err), Err: err}
	case info.IsDir():
		_ = f.Close()
		return nil, &Error{File: path, Msg: "is a directory", Hint: "name one file in it"}
	}
	return newReader(path, file{f}, c), nil
}

// Load reads a file into memory. The name of the data set is path. [MaxMemory] limits the memory.
func Load(path string, opts ...Option) (*undertone.Dataset, error) {
	r, err := Open(path, opts...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	d, err := undertone.Collect(path, r.limited())
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Upper bounds on the memory of a row beside its line and the text that is copied from it, in
// bytes: an Example, twice because slices grow by doubling; a message; an entry of Meta.
const (
	rowSize     = 512
	messageSize = 256
	fieldSize   = 128
)

// limited is [Reader.Stream] with an error when the rows exceed MaxMemory.
func (r *Reader) limited() undertone.Stream {
	return func(yield func(undertone.Example, error) bool) {
		var size int64
		for row, err := range r.Rows() {
			if err == nil {
				size += 2*int64(len(row.Source)) + rowSize + int64(len(row.Messages))*messageSize + int64(len(row.Meta))*fieldSize
			}
			if err == nil && size > r.config.maxMemory {
				row.Example, err = undertone.Example{}, &Error{
					File: r.name, Line: row.Line, Msg: fmt.Sprintf("the rows take more than %d bytes of memory", r.config.maxMemory),
					Hint: "read them as a stream", Option: optionMaxMemory, Err: ErrLimit,
				}
			}
			if !yield(row.Example, err) || err != nil {
				return
			}
		}
	}
}
