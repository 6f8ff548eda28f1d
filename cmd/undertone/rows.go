package main

import (
	"context"
	"runtime"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/parallel"
	"github.com/undertone-audit/undertone/jsonl"
)

// loadRows reads all rows of a file, on all cores.
func loadRows(ctx context.Context, c console, verb, path string, as jsonl.Shape) (*undertone.Dataset, error) {
	in := &inputs{paths: []string{path}, stdin: c.stdin, opts: shapeOption(as)}
	bar := newProgress(c.stderr, verb, in)
	defer bar.stop()
	var rows []undertone.Example
	err := parallel.Ordered(ctx, runtime.GOMAXPROCS(0), in.blocks(), readBlock, func(b readRows) error {
		rows = append(rows, b.rows...)
		return b.err
	})
	return undertone.NewDataset(path, rows), err
}

type readRows struct {
	rows []undertone.Example
	err  error
}

func readBlock(b *jsonl.Block) (read readRows) {
	for row, err := range b.Rows() {
		if err != nil {
			return readRows{read.rows, err}
		}
		read.rows = append(read.rows, row.Example)
	}
	return read
}
