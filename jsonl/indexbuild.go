package jsonl

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"runtime"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/internal/parallel"
)

// IndexPath returns the path of the index of a file of rows, beside the file.
func IndexPath(path string) string { return path + ".undertone-index" }

// BuildIndex reads a plain file once, on all cores, and writes its index to [IndexPath], or
// replaces it. The index appears when it is complete. The memory does not depend on the size of the
// file. A row that cannot be read, a compressed file or a pipe ([ErrSequential]) and a file that
// changes meanwhile ([ErrIndex]) are errors.
func BuildIndex(ctx context.Context, path string, opts ...Option) error {
	c, err := indexConfig(opts)
	if err != nil {
		return err
	}
	var unreadable error
	err = atomicfile.Write(IndexPath(path), func(w io.Writer) error {
		index := indexWriter{w: w}
		from, err := scanFile(ctx, path, c, index.add)
		if err != nil {
			unreadable = err
			return err
		}
		return index.finish(from)
	})
	if unreadable != nil {
		return unreadable
	}
	if err != nil {
		return &Error{File: IndexPath(path), Msg: "cannot write the index: " + reason(err), Err: err}
	}
	return nil
}

// scanFile calls add with the entry of each row in order and returns the trailer of the index,
// without the number of rows.
func scanFile(ctx context.Context, path string, c config, add func(*Entry) error) (t trailer, err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return t, &Error{File: path, Msg: "is not a regular file and has no index", Hint: "read it as a stream", Err: ErrSequential}
	}
	r, err := openFile(path, c)
	if err != nil {
		return t, err
	}
	f := r.source.Reader.(file)
	defer f.Close()
	before, err := f.Stat()
	if err != nil {
		return t, &Error{File: path, Msg: "cannot build an index: " + reason(err), Err: err}
	}
	content := sha256.New()
	r.source.Reader = io.TeeReader(f, content)
	blocks := func(yield func(*Block, error) bool) {
		for b, err := range r.Blocks() {
			if err == nil && r.Compression() != "" {
				err = compressed(path, r.Compression())
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
	err = parallel.Ordered(ctx, runtime.GOMAXPROCS(0), blocks, identify, func(b identified) error {
		for i := range b.entries {
			if err := add(&b.entries[i]); err != nil {
				return err
			}
		}
		return b.err
	})
	if err != nil {
		return t, err
	}
	after, err := os.Stat(path)
	if err != nil {
		return t, &Error{File: path, Msg: "cannot build an index: " + reason(err), Err: err}
	}
	if !sameState(before, after) || r.BytesRead() != after.Size() {
		return t, &Error{File: path, Msg: "the file changed while its index was built", Hint: "wait until its writer has finished", Err: ErrIndex}
	}
	return trailer{size: after.Size(), time: after.ModTime(), content: undertone.Digest(content.Sum(nil)), reading: c.reading()}, nil
}

// sameState reports whether a file has not changed between two moments.
func sameState(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

func compressed(path, format string) error {
	return &Error{File: path, Msg: "is compressed with " + format + " and cannot be read at random",
		Hint: "decompress it, or read it as a stream", Err: ErrSequential}
}

// identified is the entries of a block, up to the first row that cannot be read.
type identified struct {
	entries []Entry
	err     error
}

// identify returns the entries of a block.
func identify(b *Block) (all identified) {
	all.entries = make([]Entry, 0, len(b.lines))
	for row, err := range b.Rows() {
		if err == nil && int64(len(row.Source)) > math.MaxUint32 {
			err = &Error{File: b.name, Line: row.Line, Msg: fmt.Sprintf("the line has %d bytes, too many for an index", len(row.Source)), Err: ErrLimit}
		}
		if err != nil {
			all.err = err
			return all
		}
		all.entries = append(all.entries, Entry{row.Offset, len(row.Source), row.Line, row.ID(), row.PromptID()})
	}
	return all
}
