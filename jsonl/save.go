package jsonl

import (
	"bufio"
	"context"
	"io"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/internal/compress"
)

// Save writes the rows of a data set to a file, compressed if path ends in .gz
// or .zst; see [SaveStream].
func Save(ctx context.Context, path string, d *undertone.Dataset, opts ...Option) error {
	_, err := SaveStream(ctx, path, d.Stream(), opts...)
	return err
}

// SaveStream writes rows to a file as they come and returns how many there
// were. It writes to a new file in the same folder and renames it when all is on
// disk: after an error, a cancelled ctx or a full disk, path is what it was. A path
// that names a device or a pipe is written directly.
//
// A stream without rows is an error, [ErrEmpty]. An error of the stream is returned as it is.
func SaveStream(ctx context.Context, path string, rows undertone.Stream, opts ...Option) (int, error) {
	return save(ctx, path, rows, atomicfile.Create, opts)
}

// save is SaveStream to what create makes.
func save(ctx context.Context, path string, rows undertone.Stream, create func(path string) (atomicfile.File, error), opts []Option) (int, error) {
	to, err := create(path)
	if err != nil {
		return 0, unsaved(path, err)
	}
	committed := false
	defer func() { // also when rows panics
		if !committed {
			to.Abandon()
		}
	}()
	n, err := writeRows(ctx, path, to, rows, opts)
	if err != nil {
		return 0, err
	}
	committed = true
	if err := to.Commit(); err != nil {
		return 0, unsaved(path, err)
	}
	return n, nil
}

func unsaved(path string, err error) error {
	return &Error{File: path, Msg: "cannot save: " + reason(err), Hint: "a file of this name is as it was before", Err: err}
}

// writeRows writes all rows to w, compressed as path says.
func writeRows(ctx context.Context, path string, w io.Writer, rows undertone.Stream, opts []Option) (int, error) {
	buffered := bufio.NewWriterSize(w, bufferSize)
	compressed, err := compress.NewWriter(path, buffered)
	if err != nil {
		return 0, unsaved(path, err)
	}
	writer := NewWriter(compressed, opts...)
	writer.name = path
	for row, err := range rows {
		if err != nil {
			return 0, err
		}
		if err := ctx.Err(); err != nil {
			return 0, unsaved(path, err)
		}
		if err := writer.Write(row); writer.failed != nil {
			return 0, unsaved(path, writer.failed)
		} else if err != nil {
			return 0, err
		}
	}
	if writer.rows == 0 {
		return 0, &Error{File: path, Msg: "there are no rows to save", Hint: "a file of this name is as it was before", Err: ErrEmpty}
	}
	if err := compressed.Close(); err != nil {
		return 0, unsaved(path, err)
	}
	if err := buffered.Flush(); err != nil {
		return 0, unsaved(path, err)
	}
	return writer.rows, nil
}
