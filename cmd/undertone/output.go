package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/internal/compress"
	"github.com/undertone-audit/undertone/jsonl"
)

// standard is the path of standard input or output.
const standard = "-"

// hiddenBeside returns the path of a hidden file or folder beside a path, such as .rows.recording
// beside rows.
func hiddenBeside(path, ending string) string {
	path = filepath.Clean(path)
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+ending)
}

// output is a file that is being written, compressed as its extension says. Without a path it
// discards everything.
type output struct {
	path       string
	file       atomicfile.File
	buffer     *bufio.Writer
	compressed io.WriteCloser
	bytes      *hashedWrites // of the file, for a manifest; nil if there will be none
}

// create starts the output of a path. For "" it returns an output that discards everything.
func create(path string, stdout io.Writer) (*output, error) {
	o := &output{path: path}
	switch path {
	case "":
		return o, nil
	case standard:
		o.file = stream{stdout}
	default:
		var err error
		if o.file, err = atomicfile.Create(path); err != nil {
			return nil, o.explain(err)
		}
	}
	o.buffer = bufio.NewWriterSize(explained{o}, 128<<10)
	var err error
	if o.compressed, err = compress.NewWriter(path, o.buffer); err != nil {
		o.abandon()
		return nil, o.explain(err)
	}
	return o, nil
}

// explained writes to the file of an output. Its errors name the output, whichever encoder calls
// it.
type explained struct{ *output }

func (e explained) Write(text []byte) (int, error) {
	if e.bytes == nil {
		n, err := e.file.Write(text)
		return n, e.explain(err)
	}
	n, err := e.bytes.write(text, e.file)
	return n, e.explain(err)
}

// writeError is an error that names the output.
type writeError struct {
	text string
	err  error
}

func (e *writeError) Error() string { return e.text }
func (e *writeError) Unwrap() error { return e.err }

// stream is an output that cannot be abandoned.
type stream struct{ io.Writer }

func (stream) Commit() error { return nil }
func (stream) Abandon()      {}

func (o *output) write(text []byte) error {
	if o.file == nil || len(text) == 0 {
		return nil
	}
	_, err := o.compressed.Write(text)
	return o.explain(err)
}

// fill writes all rows of a data set and flushes.
func (o *output) fill(ctx context.Context, data *undertone.Dataset, opts ...jsonl.Option) error {
	if o.file == nil {
		return nil
	}
	rows := jsonl.NewWriter(o.compressed, opts...)
	for _, row := range data.All() {
		if err := errors.Join(ctx.Err(), rows.Write(row)); err != nil {
			return err
		}
	}
	return o.flush()
}

// flush writes the buffered text. It must be called before commit.
func (o *output) flush() error {
	if o.file == nil {
		return nil
	}
	return o.explain(errors.Join(o.compressed.Close(), o.buffer.Flush()))
}

// commit puts the file into its place.
func (o *output) commit() error {
	if o.file == nil {
		return nil
	}
	file := o.file
	o.file = nil
	return o.explain(file.Commit())
}

// abandon removes the file unless it was committed.
func (o *output) abandon() {
	if o != nil && o.file != nil {
		o.file.Abandon()
		o.file = nil
	}
}

func (o *output) explain(err error) error {
	if err == nil || errors.As(err, new(*writeError)) {
		return err
	}
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		err = path.Err
	}
	if link := (*os.LinkError)(nil); errors.As(err, &link) {
		err = link.Err
	}
	if o.path == standard {
		return &writeError{fmt.Sprintf("standard output: cannot write: %v", err), err}
	}
	return &writeError{fmt.Sprintf("%s: cannot write: %v; the old file, if any, is unchanged", o.path, err), err}
}
