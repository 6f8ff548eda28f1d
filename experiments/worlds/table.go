package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"time"

	"github.com/undertone-audit/undertone/experiments/internal/progress"
)

// A table measures the detectors in every channel: with several traits, fine-tuned and instructed
// teachers, of the student's base and of another one.
type table struct {
	seed   uint64
	rounds []round
	only   []int // numbers of the rounds that are run and printed, from 1 (default all)
}

// choose lets the table run and print the rounds of given numbers alone; all, if there are none.
func (t *table) choose(only []int) error {
	for _, n := range only {
		if n < 1 || n > len(t.rounds) {
			return fmt.Errorf("-rounds: the table has the rounds 1 to %d, not %d", len(t.rounds), n)
		}
	}
	t.only = only
	return nil
}

// chosen returns the rounds that are run and printed, with their numbers.
func (t table) chosen() iter.Seq2[int, round] {
	return func(yield func(int, round) bool) {
		for i, r := range t.rounds {
			if n := i + 1; (len(t.only) == 0 || slices.Contains(t.only, n)) && !yield(n, r) {
				return
			}
		}
	}
}

// A round is a part of a table. Rounds are run in order, so that a run that ends early has some
// worlds of every cell.
type round struct {
	title   string
	designs []design
}

// Sizes of the table. README.md states the processor time that each part takes.
const (
	tableRows = 1000 // per arm
	nullRows  = 200  // per arm of the trait-free audits
	nullsOf   = 20   // trait-free audits per world and channel
)

// fullTable returns the table of README.md. The seed must be one on which nothing was chosen.
func fullTable(seed uint64) table {
	principal := []string{"numbers/animal", "code/animal", "reasoning/animal", "calls/animal", "pairs/animal", "numbers/harm", "code/harm", "reasoning/harm"}
	few := []string{"calls/harm", "pairs/harm"}
	for _, c := range []string{"numbers", "code", "reasoning", "calls", "pairs"} {
		few = append(few, c+"/tree", c+"/colour")
	}
	t := table{seed: seed}
	cheap, costly := []string{"likelihood", "corpus"}, []string{"transfer", "influence"}
	t.add("one world of each cell", 1, cheap, append(principal, few...)...)
	t.add("three worlds of the main cells", 3, cheap, principal...)
	t.addNulls("trait-free rows, ten audits of each channel", 10, 1)
	t.add("ten worlds of the main cells", 10, cheap, principal...)
	t.addNulls("trait-free rows", 10, nullsOf)
	t.add("detectors that train students on the rows or differentiate", 3, costly, principal[:5]...)
	t.add("three worlds of the other cells", 3, cheap, few...)
	return t
}

// shortTable returns a table of a minute.
func shortTable(seed uint64) table {
	t := table{seed: seed}
	t.add("one world of two cells", 1, []string{"likelihood"}, "numbers/animal", "pairs/harm")
	t.addNulls("trait-free rows", 1, 2)
	for _, r := range t.rounds {
		for i := range r.designs {
			r.designs[i].Sizes, r.designs[i].Untimed = []int{60}, true
		}
	}
	return t
}

func (t *table) add(title string, worlds int, detectors []string, kinds ...string) {
	r := round{title: title}
	for _, k := range kinds {
		r.designs = append(r.designs, design{
			Kind: k, Seed: t.seed, Worlds: worlds, Teachers: 1, Sizes: []int{tableRows}, Detectors: detectors,
			Unlike: []source{prompted, promptedOther},
		})
	}
	t.rounds = append(t.rounds, r)
}

func (t *table) addNulls(title string, worlds, nulls int) {
	r := round{title: title}
	for _, k := range []string{"numbers/animal", "code/animal", "reasoning/animal"} {
		r.designs = append(r.designs, design{Kind: k, Seed: t.seed, Worlds: worlds, Nulls: nulls, Sizes: []int{nullRows}, Detectors: []string{"likelihood"}})
	}
	t.rounds = append(t.rounds, r)
}

// run runs the audits that are not stored, and says on log when a part is finished. A part that
// fails does not end the others.
func (t table) run(ctx context.Context, store folder, show *progress.Line, log io.Writer) error {
	if store == "" {
		return errors.New("the table of channels needs -store, with which an interrupted run resumes")
	}
	start := time.Now()
	var failed error
	for n, r := range t.chosen() {
		for i, d := range r.designs {
			_, err := simulate(ctx, d, store, show)
			show.Clear()
			fmt.Fprintf(log, "%s: round %d of %d, %s: %s, %d of %d", time.Since(start).Round(time.Second), n, len(t.rounds), r.title, d.Kind, i+1, len(r.designs))
			if err != nil {
				failed = errors.Join(failed, fmt.Errorf("%s: %w", d.Kind, err))
				fmt.Fprintf(log, ": %v", err)
			}
			fmt.Fprintln(log)
			if ctx.Err() != nil {
				return failed
			}
		}
	}
	return failed
}

// results returns the outcomes of the table that are stored, each once, and the number of audits
// without one.
func (t table) results(ctx context.Context, store folder, show *progress.Line) (some []outcome, missing int, err error) {
	seen := map[task]bool{}
	all := map[task]bool{}
	for _, r := range t.chosen() {
		for _, d := range r.designs {
			for _, step := range d.steps() {
				for _, p := range step {
					for _, of := range d.tasks(p) {
						all[of] = true
					}
				}
			}
			d.StoredOnly = true
			got, err := simulate(ctx, d, store, show)
			if err != nil {
				return nil, 0, err
			}
			for _, o := range got.outcomes {
				if !seen[o.task] {
					seen[o.task], some = true, append(some, o)
				}
			}
		}
	}
	return some, len(all) - len(some), nil
}

// print runs the audits of a table unless stored is set, and writes the tables of those that are
// stored.
func (t table) print(ctx context.Context, w io.Writer, store folder, stored bool, show *progress.Line) error {
	var failed error
	if !stored {
		failed = t.run(ctx, store, show, os.Stderr)
	}
	some, missing, err := t.results(context.WithoutCancel(ctx), store, show)
	if err != nil {
		return errors.Join(failed, err)
	}
	return errors.Join(failed, renderTable(w, t.seed, some, missing))
}
