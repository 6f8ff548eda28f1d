package jsonl

import (
	"bufio"
	"context"
	"io"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/internal/compress"
)

// Save writes the rows of a data set to a file. See [SaveStream].
func Save(ctx context.Context, path string, d *undertone.Dataset, opts ...Option) error {
	_, err := SaveStream(ctx, path, d.Stream(), opts...)
	return err
}

// SaveStream writes a stream of rows to a file and returns their number. The file is compressed if
// path ends in .gz or .zst. SaveStream writes to a temporary file in the same folder and renames it
// when all rows are on disk. After an error, a cancellation or a full disk the old file is
// unchanged. A device or a pipe is written directly.
//
// A stream without rows is an error, [ErrEmpty]. An error of the stream is returned unchanged.
func SaveStream(ctx context.Context, path string, rows undertone.Stream, opts ...Option) (int, error) {
	return save(ctx, path, rows, atomicfile.Create, opts)
}

// save is SaveStream to a file that create opens.
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
	return &Error{File: path, Msg: "cannot save: " + reason(err), Hint: "the old file, if any, is unchanged", Err: err}
}

// writeRows writes all rows to w, compressed as the extension of path says.
func writeRows(ctx context.Context, path string, w io.Writer, rows undertone.Stream, opts []Option) (int, error) {
	if c, _ := configure(opts); c.tee != nil { // the writer returns the error
		w = io.MultiWriter(w, c.tee)
	}
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
		return 0, &Error{File: path, Msg: "there are no rows to save", Hint: "the old file, if any, is unchanged", Err: ErrEmpty}
	}
	if err := compressed.Close(); err != nil {
		return 0, unsaved(path, err)
	}
	if err := buffered.Flush(); err != nil {
		return 0, unsaved(path, err)
	}
	return writer.rows, nil
}
