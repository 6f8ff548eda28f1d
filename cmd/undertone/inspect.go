package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"text/tabwriter"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/parallel"
	"github.com/undertone-audit/undertone/jsonl"
)

type inspectVerb struct {
	Files []string `file:"read" arg:"" optional:"" name:"file" help:"Files of rows, - for standard input; or models: folders, or embedded models (${embedded})."`
	JSON  bool     `name:"json" help:"Print one line of JSON per file, model or row."`

	readFlags
	adapterFlag
	rowFlags
}

// inspection describes a file of rows.
type inspection struct {
	File        string           `json:"file"`
	Bytes       int64            `json:"bytes"`                 // of the file
	Compression string           `json:"compression,omitempty"` // gzip, zstd
	Rows        int              `json:"rows"`
	Digest      undertone.Digest `json:"digest"`  // of the data set
	Unique      int              `json:"unique"`  // number of different rows
	Prompts     int              `json:"prompts"` // number of different prompts
	tally
}

// Run inspects each file or model, or prints rows of a file.
func (v *inspectVerb) Run(ctx context.Context, c console) error {
	switch {
	case v.given() && len(v.Files) > 0:
		return fmt.Errorf("--in, --row and --from-report print rows of one file; drop %s, or name it with --in", v.Files[0])
	case v.given():
		return v.printRows(ctx, c)
	case len(v.Files) == 0:
		return errors.New("no file is named; name files or models, or rows with --in and --row")
	}
	for i, path := range v.Files {
		var found interface{ write(io.Writer) error }
		var err error
		switch {
		case isModel(path):
			found, err = inspectModel(ctx, path, v.adapterFlag)
		case v.Adapter != "":
			err = fmt.Errorf("--adapter is for a model, but %s is no folder", path)
		default:
			found, err = v.inspect(ctx, c, path)
		}
		if err != nil {
			return err
		}
		if v.JSON {
			err = printJSON(c.stdout, found)
		} else {
			if i > 0 {
				fmt.Fprintln(c.stdout)
			}
			err = found.write(c.stdout)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *inspectVerb) inspect(ctx context.Context, c console, path string) (*inspection, error) {
	opts, err := v.options(c)
	if err != nil {
		return nil, err
	}
	in := &inputs{paths: []string{path}, stdin: c.stdin, opts: append(opts, jsonl.Transient())}
	found := &inspection{File: path, tally: newTally()}
	rows, prompts := sortedRuns[undertone.Digest]{compare: undertone.Digest.Compare}, sortedRuns[uint64]{compare: cmp.Compare[uint64]}
	// The digests have no pointers, so that a collection costs little however many there are.
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	bar := newProgress(c, "inspect", in)
	err = parallel.Ordered(ctx, runtime.GOMAXPROCS(0), in.blocks(), inspectBlock, func(b *inspected) error {
		found.add(&b.tally)
		rows.add(b.rows)
		prompts.add(b.prompts)
		return b.err
	})
	bar.stop()
	if err != nil {
		return nil, err
	}
	found.Bytes, found.Compression = in.read(), in.compression
	found.Rows, found.Prompts = rows.n, prompts.different()
	found.Digest = undertone.DigestSortedRows(rows.n, rows.all())
	found.Unique = rows.different()
	return found, nil
}

// inspected describes a block.
type inspected struct {
	tally
	rows    []undertone.Digest
	prompts []uint64 // hashes
	err     error
}

func inspectBlock(b *jsonl.Block) *inspected {
	found := &inspected{tally: newTally()}
	for row, err := range b.Rows() {
		if err != nil {
			found.err = err
			return found
		}
		found.count(row)
		found.rows = append(found.rows, row.ID())
		found.prompts = append(found.prompts, row.PromptID().Uint64())
	}
	return found
}

// write writes the inspection as text.
func (f *inspection) write(w io.Writer) error {
	f, w = shown(f, w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	size := fmt.Sprintf("%d bytes", f.Bytes)
	if f.Compression != "" {
		size += ", " + f.Compression
	}
	fmt.Fprintf(t, "file\t%s (%s)\n", f.File, size)
	fmt.Fprintf(t, "digest\t%s\n", f.Digest)
	fmt.Fprintf(t, "rows\t%d, %d of them different\n", f.Rows, f.Unique)
	fmt.Fprintf(t, "prompts\t%d different\n", f.Prompts)
	f.tally.write(t)
	return t.Flush()
}
