package main

import (
	"io"
	"iter"
	"os"
	"sync/atomic"

	"github.com/undertone-audit/undertone/jsonl"
)

// inputs are files that are read one after the other.
type inputs struct {
	paths []string
	stdin io.Reader
	opts  []jsonl.Option

	done    atomic.Int64 // bytes of the files before the current one
	current atomic.Pointer[jsonl.Reader]

	compression string // of the last file, once all is read
}

// shapeOption is the option that a flag --as stands for; "" is none.
func shapeOption(as jsonl.Shape) []jsonl.Option {
	if as == "" {
		return nil
	}
	return []jsonl.Option{jsonl.As(as)}
}

// open opens a file, or standard input.
func (in *inputs) open(path string) (*jsonl.Reader, error) {
	if path == standard {
		return jsonl.NewReader("standard input", in.stdin, in.opts...), nil
	}
	return jsonl.Open(path, in.opts...)
}

// blocks ranges over the lines of all files.
func (in *inputs) blocks() iter.Seq2[*jsonl.Block, error] {
	return func(yield func(*jsonl.Block, error) bool) {
		for _, path := range in.paths {
			r, err := in.open(path)
			if err != nil {
				yield(nil, err)
				return
			}
			in.current.Store(r)
			for b, err := range r.Blocks() {
				if !yield(b, err) {
					_ = r.Close()
					return
				}
			}
			in.done.Add(r.BytesRead())
			in.current.Store(nil)
			in.compression = r.Compression()
			_ = r.Close() // it was only read
		}
	}
}

// read returns how many bytes were read so far. It may be called at any time.
func (in *inputs) read() int64 {
	n := in.done.Load()
	if r := in.current.Load(); r != nil {
		n += r.BytesRead()
	}
	return n
}

// size returns how many bytes there are to read, 0 if that is not known.
func (in *inputs) size() int64 {
	var sum int64
	for _, path := range in.paths {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			return 0
		}
		sum += info.Size()
	}
	return sum
}
