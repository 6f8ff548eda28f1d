package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"syscall"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/parallel"
	"github.com/undertone-audit/undertone/jsonl"
)

// loadRows reads all rows of a file, on all cores. More are further options of the reader.
func loadRows(ctx context.Context, c console, verb, path string, read readFlags, more ...jsonl.Option) (*undertone.Dataset, error) {
	opts, err := read.options(c)
	if err != nil {
		return nil, err
	}
	in := &inputs{paths: []string{path}, stdin: c.stdin, opts: append(opts, more...)}
	bar := newProgress(c, verb, in)
	defer bar.stop()
	var rows []undertone.Example
	var text int64
	err = parallel.Ordered(ctx, runtime.GOMAXPROCS(0), in.blocks(), readBlock, func(b readRows) error {
		rows = append(rows, b.rows...)
		text += b.text
		return errors.Join(b.err, c.memory.hold(path, b.memory), expansion(path, text))
	})
	return undertone.NewDataset(path, rows), err
}

// onDiskSize is the size from which a file is read through an index instead of into memory, in
// bytes.
const onDiskSize = 1 << 30

// openRows returns the rows of a file for a verb that reads few of them: through the index of the
// file if it has one or is large, otherwise in memory. The caller calls done when it has read them.
func openRows(ctx context.Context, c console, verb, path string, read readFlags) (rows undertone.Text, done func(), err error) {
	x, built, err := indexOf(ctx, c, path, read, onDiskSize)
	if err != nil {
		return nil, nil, err
	}
	if x == nil {
		rows, err = loadRows(ctx, c, verb, path, read)
		return rows, func() {}, err
	}
	if err := x.Close(); err != nil {
		return nil, nil, err
	}
	opts, err := read.options(c)
	if err != nil {
		return nil, nil, err
	}
	if built {
		opts = append(opts, jsonl.CountUnread(nil))
	}
	indexed, err := jsonl.OpenIndexed(ctx, path, opts...)
	if err != nil {
		return nil, nil, err
	}
	return indexed, func() { _ = indexed.Close() }, nil
}

// indexOf returns the index of a file, or nil if the caller should read the file in sequence: it is
// compressed or a pipe, it has no index and fewer bytes than size, or its folder cannot be written.
// A folder that cannot be written is an error if size is 0. Built says that the fields that no verb
// reads were counted when the index was built.
func indexOf(ctx context.Context, c console, path string, read readFlags, size int64) (x *jsonl.Index, built bool, err error) {
	info, err := os.Stat(path)
	if path == standard || err != nil || !info.Mode().IsRegular() {
		return nil, false, nil // the reader reports the error
	}
	opts, err := read.options(c)
	if err != nil {
		return nil, false, err
	}
	if x, err = jsonl.OpenIndex(path, opts...); !errors.Is(err, fs.ErrNotExist) {
		return x, false, err
	}
	if info.Size() < size {
		return nil, false, nil
	}
	meter := newMeter(c, "build the index of "+path)
	err = jsonl.BuildIndex(ctx, path, opts...)
	meter.stop()
	switch {
	case errors.Is(err, jsonl.ErrSequential):
		return nil, false, nil
	case size > 0 && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)):
		c.note("%s; the file is read from its start", errorText(err))
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	x, err = jsonl.OpenIndex(path, append(opts, jsonl.CountUnread(nil))...)
	return x, true, err
}

// Rows that are held may be larger than their compressed file by this factor, once they have this
// size in bytes. Text of real rows is larger by a factor of 3 to 100.
const (
	mostExpansion  = 1000
	leastExpansion = 8 << 20
)

// expansion returns an error if the rows of a file are much larger than the file.
func expansion(path string, text int64) error {
	if text < leastExpansion || path == standard {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || text/mostExpansion <= info.Size() {
		return nil
	}
	return fmt.Errorf("%s: the file of %s expands to more than %s of rows, by a factor above %d, which no usual rows do; decompress it if you trust it", path, size(info.Size()), size(text), mostExpansion)
}

type readRows struct {
	rows   []undertone.Example
	memory int64 // of the rows, in bytes
	text   int64 // of their lines, in bytes
	err    error
}

func readBlock(b *jsonl.Block) (read readRows) {
	for row, err := range b.Rows() {
		if err != nil {
			read.err = err
			return read
		}
		read.memory += rowMemory(row)
		read.text += int64(len(row.Source)) + 1
		read.rows = append(read.rows, row.Example)
	}
	return read
}
