package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/jsonl"
)

type filterVerb struct {
	In      []string `file:"read" required:"" placeholder:"FILE" help:"Rows to read, file after file; - for standard input."`
	Out     string   `file:"write" placeholder:"FILE" help:"File for the kept rows, with the bytes of the input; - for standard output; compressed if it ends in .gz or .zst (default none: rows are counted)."`
	Rejects string   `file:"write" placeholder:"FILE" help:"File for the dropped rows, each with its reasons in the field \"undertone\"."`
	Filters []string `placeholder:"NAME" help:"Filters: ${filters}. Every filter sees every row (default the filters that have settings)."`
	OnError string   `placeholder:"ACTION" enum:"fail,skip" default:"fail" help:"Action for a row that cannot be read: fail writes nothing, skip counts the row (default ${default})."`
	JSON    bool     `name:"json" help:"Print the counts as JSON."`

	readFlags
	manifestFlag
	filterFlags
}

// filterReport is the summary for --json.
type filterReport struct {
	In       []string          `json:"in"`
	Out      string            `json:"out,omitempty"`
	Rejects  string            `json:"rejects,omitempty"`
	Settings map[string]string `json:"settings"` // by filter
	filter.Stats
	Unreadable int      `json:"unreadable"`         // skipped rows, which the other counts do not include
	Problems   []string `json:"problems,omitempty"` // errors of the first skipped rows
}

// mostProblems is the largest number of errors of skipped rows in the summary.
const mostProblems = 10

// Run filters. The files appear at the end, first the rejects. The file of kept rows is therefore
// there only if both are.
func (v *filterVerb) Run(ctx context.Context, c console) error {
	chosen, err := v.choose(v.Filters)
	if err != nil {
		return err
	}
	if v.Out == standard && v.Rejects == standard {
		return errors.New("--out and --rejects are both standard output; give one of them a file")
	}
	opts, err := v.options(c)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(chosen, isStarter) {
		opts = append(opts, jsonl.Transient())
	}
	described, err := v.describes(v.Out)
	if err != nil {
		return err
	}
	rejectsDescribed, err := v.describes(v.Rejects)
	if err != nil {
		return err
	}
	in := &inputs{paths: v.In, stdin: c.stdin, opts: opts, identify: described || rejectsDescribed}
	rejects, err := create(v.Rejects, c.stdout)
	if err != nil {
		return err
	}
	defer rejects.abandon()
	kept, err := create(v.Out, c.stdout)
	if err != nil {
		return err
	}
	defer kept.abandon()
	var rows filteredOutputs
	if described {
		rows.kept = kept.describe()
	}
	if rejectsDescribed {
		rows.dropped = rejects.describe()
	}

	r := filterReport{In: v.In, Out: v.Out, Rejects: v.Rejects, Settings: map[string]string{}}
	for _, f := range chosen {
		if s := settingsOf(f); s != "" {
			r.Settings[f.Name()] = s
		}
	}
	bar := newProgress(c, "filter", in)
	err = v.pass(ctx, in, chosen, kept, rejects, rows, &r)
	bar.stop()
	if err != nil {
		return err
	}
	if err := commitAll(ctx, rejects, kept); err != nil {
		return err
	}
	reading := jsonl.Reading(opts...)
	if err := rows.dropped.save(c, rejects, reading, r.rejected(), in.origins); err != nil {
		return err
	}
	if err := rows.kept.save(c, kept, reading, r.made(), in.origins); err != nil {
		return err
	}
	summary := c.stdout
	if v.Out == standard || v.Rejects == standard {
		summary = c.stderr
	}
	return r.write(summary, v.JSON)
}

// commitAll puts the files of all outputs into their places, in this order.
func commitAll(ctx context.Context, outputs ...*output) error {
	for _, o := range outputs {
		if err := o.flush(); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, o := range outputs {
		if err := o.commit(); err != nil {
			return err
		}
	}
	return nil
}

// isStarter reports whether a filter sees a row after later rows were read.
func isStarter(f filter.Filter) bool {
	_, ok := f.(filter.Starter)
	return ok
}

// filteredOutputs are the rows of the outputs that get a manifest.
type filteredOutputs struct{ kept, dropped *filteredRows }

// pass reads and filters all rows once.
func (v *filterVerb) pass(ctx context.Context, in *inputs, chosen []filter.Filter, kept, rejects *output, rows filteredOutputs, r *filterReport) (err error) {
	f := &blockFilter{filters: chosen, rejects: v.Rejects != "", skip: v.OnError == "skip", ordered: slices.ContainsFunc(chosen, isStarter)}
	f.identifyKept, f.identifyDropped = rows.kept != nil, rows.dropped != nil
	if in.identify {
		f.origins = &in.origins
	}
	r.Stats, err = filter.Each(ctx, f.batches(in.blocks()), func(b *filteredBlock) error {
		if b.err != nil {
			return b.err
		}
		r.Unreadable += len(b.unread)
		for _, err := range b.unread[:min(len(b.unread), mostProblems-len(r.Problems))] {
			r.Problems = append(r.Problems, err.Error())
		}
		defer f.release(b)
		rows.kept.add(b, &b.kept)
		rows.dropped.add(b, &b.dropped)
		return errors.Join(kept.write(b.kept.text), rejects.write(b.dropped.text))
	}, chosen...)
	return err
}

func (r *filterReport) write(w io.Writer, asJSON bool) error {
	if asJSON {
		return printJSON(w, r)
	}
	r, w = shown(r, w)
	if _, err := r.WriteTo(w); err != nil {
		return err
	}
	for _, p := range r.Problems {
		fmt.Fprintln(w, "skipped", p)
	}
	if more := r.Unreadable - len(r.Problems); more > 0 {
		fmt.Fprintf(w, "skipped %d more rows that cannot be read\n", more)
	}
	return nil
}
