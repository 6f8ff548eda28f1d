// Truth audits published rows whose authors trained students on them, and prints each verdict
// beside what they measured. The audited student is an embedded model, which shares no base with
// any of the teachers. README.md discusses the output.
//
//	UNDERTONE_DATA=DIR go run ./experiments/truth
//	UNDERTONE_DATA=DIR go run ./experiments/truth -predictions -rows 3000 -seed 2
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/confound"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
	"github.com/undertone-audit/undertone/experiments/internal/published"
	"github.com/undertone-audit/undertone/sandbox/tinybox"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("truth: ")
	e := experiment{show: progress.New(), out: os.Stdout}
	flag.IntVar(&e.rows, "rows", 1000, "largest `number` of rows per arm: whole prompts, in the order of the file")
	flag.Uint64Var(&e.seed, "seed", 1, "seed of everything random")
	store := flag.String("store", "", "`folder` of finished replicates, with which an interrupted run resumes (default none)")
	only := flag.String("only", "", "audit only pairs whose suspect has this `text` in its name")
	predicted := flag.Bool("predictions", false, "check predictions.json, which needs no student, instead; its seed was 2, and -rows 3000")
	flag.Parse()
	if *store != "" {
		e.store = undertone.DirStore(*store)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := e.run
	if *predicted {
		run = e.check
	}
	if err := run(ctx, os.Getenv("UNDERTONE_DATA"), *only); err != nil {
		log.Fatal(err)
	}
}

// experiment audits pairs of published sets with one student.
type experiment struct {
	rows  int
	seed  uint64
	store undertone.Store
	show  *progress.Line
	out   io.Writer
	base  *lm.Model
}

// run audits all pairs: those of one source and of fine-tuned teachers as they are, the others also
// after [confound.Match].
func (e *experiment) run(ctx context.Context, folder, only string) (err error) {
	if folder == "" {
		return errors.New("UNDERTONE_DATA does not name the folder of the published rows")
	}
	if e.base, err = tinybox.Base(); err != nil {
		return err
	}
	fmt.Fprintln(e.out, "| arms | suspect | control | rows | students, published | confounded by | verdict | detected, before the gate | moved | largest shift | AUROC of 16 rows: content | layout | distinguishable by |")
	fmt.Fprintln(e.out, "|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, p := range published.Pairs() {
		if !strings.Contains(p.Suspect, only) {
			continue
		}
		suspect, control, err := p.Load(folder)
		if err != nil {
			return err
		}
		if !p.SamePrompts {
			if err := e.audit(ctx, p, string(p.Kind), suspect, control); err != nil {
				return err
			}
		}
		if !p.SamePrompts && p.Kind == published.OneSource {
			continue
		}
		m, err := confound.Match(ctx, suspect, control, confound.Settings{})
		switch {
		case errors.Is(err, confound.ErrNoMatch):
			fmt.Fprintf(e.out, "| %s, matched | %s | %s | no counterpart | | | | | | | | |\n", p.Kind, p.Suspect, p.Control)
			continue
		case err != nil:
			return err
		}
		if err := e.audit(ctx, p, string(p.Kind)+", matched", m.Suspect, m.Control); err != nil {
			return err
		}
	}
	return nil
}

// audit audits a pair for the twelve animals and prints a line.
func (e *experiment) audit(ctx context.Context, p published.Pair, kind string, suspect, control *undertone.Dataset) error {
	suspect, control = first(suspect, e.rows), first(control, e.rows)
	var traits []audit.Trait
	for _, animal := range tinybox.Animals() {
		traits = append(traits, tinybox.Prefers(animal))
	}
	report, err := audit.Run(ctx, audit.Config{
		Suspect: suspect, Control: control, Student: e.base, Traits: traits,
		Recipe:   student.Recipe{LearningRate: 5e-3, BatchSize: 16, Epochs: 2},
		Design:   audit.Design{Seed: e.seed, ClusterBy: p.ClusterBy},
		Store:    e.store,
		Progress: func(at audit.Progress) { e.show.Show("%s: %s, %d of %d", p.Suspect, at.Stage, at.Done, at.Total) },
	})
	e.show.Clear()
	cells := []string{kind, p.Suspect, p.Control, fmt.Sprintf("%d, %d", suspect.Len(), control.Len()), p.Students}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil: // such as too few conversations for the replicates
		fmt.Fprintf(e.out, "| %s | | not audited: %v | | | | | | |\n", strings.Join(cells, " | "), err)
		return nil
	}
	told, err := corpus.Compare(ctx, suspect, control, corpus.Config{Seed: e.seed, ClusterBy: p.ClusterBy})
	if err != nil {
		return fmt.Errorf("%s against %s: %w", p.Suspect, p.Control, err)
	}
	cells = append(append(cells, verdict(report)...), difference(told)...)
	fmt.Fprintf(e.out, "| %s |\n", strings.Join(cells, " | "))
	return nil
}

// first returns n rows of d: those with the lowest prompt group IDs, so that arms with the same
// prompts keep the same prompts.
func first(d *undertone.Dataset, n int) *undertone.Dataset {
	if d.Len() <= n {
		return d
	}
	order := make([]int, d.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := d.GroupID(a), d.GroupID(b)
		return bytes.Compare(x[:], y[:])
	})
	return d.Subset(order[:n], undertone.Step{Name: "first rows by prompt group"})
}

// verdict returns the cells that describe a report: open confounds, verdict, traits that their
// findings call detected, traits that moved among their placebos, and the largest shift.
func verdict(r *audit.Report) []string {
	var open, detected, moved []string
	for _, name := range r.Confounds.Open() {
		open = append(open, string(name))
	}
	largest := r.Findings[0]
	for _, f := range r.Findings {
		switch {
		case f.Verdict == audit.Detected:
			detected = append(detected, animal(f.Trait))
		case f.Moved:
			moved = append(moved, animal(f.Trait))
		}
		if f.Effect.Mean > largest.Effect.Mean {
			largest = f
		}
	}
	shift := fmt.Sprintf("%s %+.2f", animal(largest.Trait), largest.Effect.Mean)
	return []string{list(open), r.Verdict.String(), list(detected), list(moved), shift}
}

// difference returns the cells that describe how the arms can be told apart.
func difference(r *corpus.Result) []string {
	area := func(c *corpus.ChannelResult) string {
		if c == nil {
			return "–"
		}
		return fmt.Sprintf("%.2f", c.Bag.Area)
	}
	return []string{area(r.Content), area(r.Layout), list(r.By)}
}

// animal returns the animal of a trait's name.
func animal(trait string) string { return trait[strings.LastIndexByte(trait, ' ')+1:] }

// list joins names; without any it is a dash.
func list(names []string) string {
	if len(names) == 0 {
		return "–"
	}
	return strings.Join(names, ", ")
}
