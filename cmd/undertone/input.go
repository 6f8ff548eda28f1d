package main

import (
	"io"
	"iter"
	"os"
	"slices"
	"sync/atomic"

	"github.com/undertone-audit/undertone/jsonl"
)

// inputs are files that are read in sequence.
type inputs struct {
	paths []string
	stdin io.Reader
	opts  []jsonl.Option

	done    atomic.Int64 // bytes of the previous files
	current atomic.Pointer[jsonl.Reader]

	compression string // of the last file, after it was read

	identify bool      // hash the files for a manifest
	origins  []*origin // in the order of paths, if identify is set
}

// open opens a file, or standard input.
func (in *inputs) open(path string) (*jsonl.Reader, error) {
	opts := in.opts
	if in.identify {
		o := newOrigin(path)
		in.origins = append(in.origins, o)
		opts = append(slices.Clip(opts), jsonl.Tee(o.bytes))
	}
	if path == standard {
		return jsonl.NewReader("standard input", in.stdin, opts...), nil
	}
	return jsonl.Open(path, opts...)
}

// blocks ranges over the blocks of all files.
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

// read returns the number of bytes read so far. It may be called at any time.
func (in *inputs) read() int64 {
	n := in.done.Load()
	if r := in.current.Load(); r != nil {
		n += r.BytesRead()
	}
	return n
}

// size returns the number of bytes of all files, or 0 if it is unknown.
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
