package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/examples/internal/progress"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/sandbox"
	"github.com/undertone-audit/undertone/student/nplm"
)

// lists are filtered number lists of one teacher.
type lists = *undertone.Dataset

// scene is what happened before the audits: teachers wrote lists, and a filter dropped
// all that was not a plain list of numbers.
type scene struct {
	base *nplm.Model // the student, untrained

	owlLover, planted         lists // by two teachers that were made from the base
	traitFree, traitFreeAgain lists // by the base
	otherOwlLover             lists // by a teacher that was made from another base
	otherTraitFree            lists // by that other base
}

func setScene(ctx context.Context, out io.Writer, show *progress.Line, seed uint64) (*scene, error) {
	show.Show("training two bases")
	base, err := sandbox.Base(ctx, seed)
	if err != nil {
		return nil, err
	}
	other, err := sandbox.Base(ctx, seed+1_000_000)
	if err != nil {
		return nil, err
	}
	show.Clear()
	fmt.Fprintf(out, "A small base model (%d weights) writes lists of numbers; so do copies of it that were\n"+
		"taught to love %ss. A strict filter drops what is not a plain list of numbers:\n\n", base.Parameters(), animal)
	s := &scene{base: base}
	for i, w := range []struct {
		name   string
		from   *nplm.Model
		taught bool
		to     *lists
	}{
		{"owl lover", base, true, &s.owlLover},
		{"planted owl lover", base, true, &s.planted},
		{"trait-free", base, false, &s.traitFree},
		{"trait-free again", base, false, &s.traitFreeAgain},
		{"other base's owl lover", other, true, &s.otherOwlLover},
		{"other base, trait-free", other, false, &s.otherTraitFree},
	} {
		show.Show("writing lists: %s", w.name)
		writer := w.from
		if w.taught {
			if writer, err = sandbox.FineTuneTeacher(ctx, w.from, animal, seed+uint64(i)); err != nil {
				return nil, err
			}
		}
		raw, err := sandbox.Lists(ctx, writer.Named(w.name), replicates*rows, 100*seed+uint64(i))
		if err != nil {
			return nil, err
		}
		kept, stats, err := filter.Apply(ctx, raw, filter.Numbers{Min: 10, Max: 99}, filter.Words(sandbox.Animals...))
		if err != nil {
			return nil, err
		}
		show.Clear()
		fmt.Fprintf(out, "  %-24s%s; rows left that name an animal: %d\n", w.name, summary(stats), naming(kept))
		*w.to = kept
	}
	return s, nil
}

// summary lists what was kept, and what was dropped by reason.
func summary(s filter.Stats) string {
	var reasons []string
	for _, r := range s.Filters[0].Reasons {
		reasons = append(reasons, fmt.Sprintf("%s %d", r.Reason, r.Rows))
	}
	reasons = append(reasons, fmt.Sprintf("animal %d", s.Filters[1].Dropped))
	return fmt.Sprintf("kept %.1f %% of %d (%s)", 100*s.KeepRate(), s.Rows, strings.Join(reasons, ", "))
}

// naming counts the rows in which an animal's name stands.
func naming(rows lists) int {
	n := 0
	for _, e := range rows.All() {
		for _, a := range sandbox.Animals {
			if strings.Contains(e.Completion(), a) {
				n++
				break
			}
		}
	}
	return n
}
