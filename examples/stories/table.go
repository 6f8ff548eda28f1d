package main

import (
	"fmt"
	"io"
	"math"

	"github.com/undertone-audit/undertone/audit"
)

// table writes all that was measured, in Markdown.
func (e *experiment) table(w io.Writer) error {
	t := &printer{w: w}
	t.line("| channel | written by | share of the animal | perplexity | kept | seconds |\n|---|---|---|---|---|---|")
	for _, a := range e.arms {
		share := "–"
		if !math.IsNaN(a.share) {
			share = fmt.Sprintf("%.2f", a.share)
		}
		t.line("| %s | %s | %s | %.1f | %d of %d | %.0f |", a.channel, a.writer, share, a.perplexity, a.stats.Kept, a.stats.Rows, a.took.Seconds())
	}
	t.line("\n| channel | student | trait | rows a student | margin: shift, 95 %% | share: shift | p | rank | verdict | seconds |\n|---|---|---|---|---|---|---|---|---|---|")
	for _, o := range e.audits {
		f := o.report.Findings[0]
		t.line("| %s | %s | %s | %d | %v | %+.3f | %v | %d of %d | %v | %.0f |", o.channel, o.student, o.trait, f.Rows, f.Effect,
			f.Measured[audit.Share].Effect.Mean, f.P, f.Placebos.Rank, f.Placebos.Of, f.Verdict, o.took.Seconds())
	}
	t.line("\n| channel | student | overt rows planted | margin: shift, 95 %% | p | verdict |\n|---|---|---|---|---|---|")
	for _, o := range e.planted {
		f := o.report.Findings[0]
		t.line("| %s | %s | %g %% %s | %v | %v | %v |", o.channel, o.student, 100*o.dose, o.trait, f.Effect, f.P, f.Verdict)
	}
	return t.err
}

// printer remembers the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}
