package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/sanitise"
	"github.com/undertone-audit/undertone/jsonl"
)

type sanitiseVerb struct {
	In    string   `file:"read" required:"" placeholder:"FILE" help:"Rows to read, held in memory; - for standard input."`
	Out   string   `file:"write" required:"" placeholder:"FILE" help:"File for the rewritten rows, each with its original row ID; - for standard output; compressed if it ends in .gz or .zst."`
	Steps []string `required:"" placeholder:"NAME" help:"Steps, in order: ${sanitisers}."`
	Seed  uint64   `placeholder:"N" default:"1" help:"Seed of all random choices (default ${default})."`
	JSON  bool     `name:"json" help:"Print the counts as JSON."`

	readFlags
	manifestFlag
	sanitiserFlags
}

// sanitiseReport is the summary for --json.
type sanitiseReport struct {
	In     string           `json:"in"`
	Out    string           `json:"out"`
	Seed   uint64           `json:"seed"`
	Rows   int              `json:"rows"`   // written
	Before undertone.Digest `json:"before"` // of the data set
	After  undertone.Digest `json:"after"`
	Steps  []sanitise.Stats `json:"steps"`
}

// Run sanitises.
func (v *sanitiseVerb) Run(ctx context.Context, c console) error {
	steps, err := v.choose(v.Steps)
	if err != nil {
		return err
	}
	described, err := v.describes(v.Out)
	if err != nil {
		return err
	}
	data, origin, err := loadOrigin(ctx, c, "sanitise", v.In, v.readFlags, described)
	if err != nil {
		return err
	}
	if err := c.memory.start(c, demand{}); err != nil {
		return err
	}
	after, stats, err := sanitise.Apply(ctx, data, v.Seed, steps...)
	if err != nil {
		return err
	}
	opts, err := v.writing()
	if err != nil {
		return err
	}
	summary := c.stdout
	switch {
	case v.Out == standard:
		summary = c.stderr
		err = writeRows(ctx, c.stdout, after, opts)
	case described:
		err = v.save(ctx, c, origin, data, after, stats, steps, opts)
	default:
		err = jsonl.Save(ctx, v.Out, after, opts...)
	}
	if err != nil {
		return err
	}
	r := sanitiseReport{v.In, v.Out, v.Seed, after.Len(), data.Digest(), after.Digest(), stats}
	if v.JSON {
		return printJSON(summary, r)
	}
	return r.write(summary)
}

// writeRows writes rows to a stream.
func writeRows(ctx context.Context, w io.Writer, data *undertone.Dataset, opts []jsonl.Option) error {
	out, err := create(standard, w)
	if err != nil {
		return err
	}
	return out.fill(ctx, data, opts...)
}

func (r *sanitiseReport) write(w io.Writer) error {
	r, w = shown(r, w)
	var b strings.Builder
	for _, s := range r.Steps {
		fmt.Fprintf(&b, "%s: %d rows, %d changed, %d dropped, %d added\n", s.Name, s.Rows, s.Changed, s.Dropped, s.Added)
		for _, warning := range s.Warnings {
			fmt.Fprintf(&b, "%s: %s\n", s.Name, warning)
		}
	}
	fmt.Fprintf(&b, "%d rows written, %s\n", r.Rows, r.After)
	_, err := io.WriteString(w, b.String())
	return err
}
