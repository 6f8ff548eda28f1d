package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/jsonl"
)

// rowFlags are the flags of inspect that print rows.
type rowFlags struct {
	In         string `file:"read" placeholder:"FILE" group:"Rows:" help:"File whose rows --row and --from-report print; - for standard input."`
	Row        []int  `range:">= 0" placeholder:"N" group:"Rows:" help:"Rows of --in to print, by index, >= 0. A star marks a turn that training learns."`
	FromReport string `file:"read" placeholder:"FILE" group:"Rows:" help:"Report of audit or clean, output of rank or score, or of corpus --json: print the rows of --in that it names."`
	Top        int    `range:">= 1" placeholder:"N" default:"10" group:"Rows:" help:"Rows to print of each detector and trait of --from-report, >= 1 (default ${default})."`
	MaxChars   int    `range:">= 0" placeholder:"N" default:"1000" group:"Rows:" help:"Characters of each message to print as text, >= 0; 0 for all (default ${default}). --json prints all."`
	Index      bool   `group:"Rows:" help:"Build the index of --in, FILE.undertone-index, if it does not exist (default only if the file has 64 MiB). Later lookups use it."`
}

// indexedSize is the size from which a file gets an index without --index, in bytes. Smaller files
// are read in less time than a user notices.
const indexedSize = 64 << 20

// given reports whether rows are to be printed.
func (f *rowFlags) given() bool { return f.In != "" || len(f.Row) > 0 || f.FromReport != "" }

// validate returns an error that names the invalid flag.
func (f *rowFlags) validate() error {
	switch {
	case f.In == "":
		return errors.New("--row and --from-report need --in, the file of the rows")
	case len(f.Row) == 0 && f.FromReport == "":
		return errors.New("--in needs --row or --from-report, which say what to print; without --in, name the file alone")
	case len(f.Row) > 0 && f.FromReport != "":
		return errors.New("--row and --from-report exclude each other")
	}
	return nil
}

// references returns the rows to print.
func (f *rowFlags) references() ([]rowReference, error) {
	if f.FromReport != "" {
		return readReferences(f.FromReport, f.Top)
	}
	refs := make([]rowReference, len(f.Row))
	for i, row := range f.Row {
		refs[i].Index = row
	}
	return refs, nil
}

// printRows prints the rows that the flags name.
func (v *inspectVerb) printRows(ctx context.Context, c console) error {
	if err := v.validate(); err != nil {
		return err
	}
	refs, err := v.references()
	if err != nil {
		return err
	}
	wanted := make([]int, len(refs))
	for i, ref := range refs {
		wanted[i] = ref.Index
	}
	slices.Sort(wanted)
	rows, err := v.rowsAt(ctx, c, slices.Compact(wanted))
	if err != nil {
		return err
	}
	title := ""
	for i, ref := range refs {
		row := rows[ref.Index]
		if err := checkReference(v.In, ref, row.ID()); err != nil {
			return err
		}
		shown := newShownRow(v.In, ref, row)
		if v.JSON {
			err = printJSON(c.stdout, shown)
		} else {
			t := &textWriter{w: c.stdout}
			if i > 0 {
				t.printf("\n")
			}
			if now := ref.title(); v.FromReport != "" && now != title {
				title = now
				t.printf("%s\n\n", escape.Text(title))
			}
			if err = t.err; err == nil {
				err = shown.write(c.stdout, v.MaxChars)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rowsAt reads rows of --in by their sorted indices: through an index, or, where there is none, in
// one pass up to the last of them.
func (v *inspectVerb) rowsAt(ctx context.Context, c console, wanted []int) (map[int]jsonl.Row, error) {
	size := int64(indexedSize)
	if v.Index {
		size = 0
	}
	x, _, err := indexOf(ctx, c, v.In, v.readFlags, size)
	if err != nil {
		return nil, err
	}
	if x == nil {
		if _, err := os.Stat(v.In); v.Index && (err == nil || v.In == standard) {
			return nil, fmt.Errorf("--index: %s cannot have an index, because it is compressed or a pipe; omit --index to read it from its start", v.In)
		}
		return v.streamedRows(ctx, c, wanted)
	}
	defer x.Close()
	rows := make(map[int]jsonl.Row, len(wanted))
	for _, i := range wanted {
		if rows[i], err = x.Row(i); err != nil {
			return nil, err
		}
	}
	return rows, ctx.Err()
}

// streamedRows reads rows in one pass. It parses no other rows.
func (v *inspectVerb) streamedRows(ctx context.Context, c console, wanted []int) (map[int]jsonl.Row, error) {
	opts, err := v.options(c)
	if err != nil {
		return nil, err
	}
	in := &inputs{paths: []string{v.In}, stdin: c.stdin, opts: opts}
	bar := newProgress(c, "inspect", in)
	defer bar.stop()
	rows := make(map[int]jsonl.Row, len(wanted))
	first := 0 // row of the block
	for b, err := range in.blocks() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		for len(wanted) > 0 && wanted[0] < first+b.Len() {
			row, err := b.Row(wanted[0] - first)
			if err != nil {
				return nil, err
			}
			rows[wanted[0]], wanted = row, wanted[1:]
		}
		if first += b.Len(); len(wanted) == 0 {
			return rows, nil
		}
	}
	return nil, fmt.Errorf("%s: row %d is out of range [0, %d)", v.In, wanted[0], first)
}
