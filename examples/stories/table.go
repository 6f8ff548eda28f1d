package main

import (
	"fmt"
	"io"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

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
	if !slices.Equal(e.detectors, []string{"transfer"}) {
		t.detectors(e.audits)
		return t.err
	}
	t.line("\n| channel | student | trait | rows a student | margin: shift, 95 %% | smallest to be seen | share: shift | p | rank | verdict | seconds |\n|---|---|---|---|---|---|---|---|---|---|---|")
	for _, o := range e.audits {
		f := o.report.Findings[0]
		t.line("| %s | %s | %s | %d | %v | %.2f | %+.3f | %v | %d of %d | %v | %.0f |", o.channel, o.student, o.trait, f.Rows, f.Effect, smallest(f),
			f.Measured[audit.Share].Effect.Mean, f.P, f.Placebos.Rank, f.Placebos.Of, f.Verdict, o.took.Seconds())
	}
	t.line("\n| channel | student | overt rows planted | margin: shift, 95 %% | p | verdict |\n|---|---|---|---|---|---|")
	for _, o := range e.planted {
		f := o.report.Findings[0]
		t.line("| %s | %s | %g %% %s | %v | %v | %v |", o.channel, o.student, 100*o.dose, o.trait, f.Effect, f.P, f.Verdict)
	}
	return t.err
}

// detectors writes one row for each detector's finding, or evidence, in each audit.
func (t *printer) detectors(audits []outcome) {
	t.line("\n| channel | student | trait | detector | rows, prompts in common | effect | p | p adjusted | rank | verdict |\n|---|---|---|---|---|---|---|---|---|---|")
	for _, o := range audits {
		about := fmt.Sprintf("| %s | %s | %s", o.channel, o.student, o.trait)
		for _, f := range o.report.Findings {
			rows := fmt.Sprint(f.Rows)
			if f.Scored != nil {
				rows = fmt.Sprintf("%d, %d", f.Rows, f.Scored.Prompts)
			}
			rank := "–"
			if f.Placebos != nil {
				rank = fmt.Sprintf("%d of %d", f.Placebos.Rank, f.Placebos.Of)
			}
			if f.Scored != nil {
				rank += fmt.Sprintf(", p %.2g", f.Scored.Sibling)
			}
			t.line("%s | %s | %s | %+.3g [%+.3g, %+.3g] %s | %v | %.2g | %s | %v |", about, f.Detector, rows, f.Effect.Mean, f.Effect.Low, f.Effect.High, f.Measure, f.P, f.PAdjusted, rank, f.Verdict)
		}
		for _, v := range o.report.Evidence {
			t.line("%s | %s | | %s %.3g | %v | | | arms differ: %t |", about, v.Detector, v.Measure, v.Value, v.P, v.Differ)
		}
		t.line("%s | **all**, %.0f s | | | | | | **%v** |", about, o.took.Seconds(), o.report.Verdict)
	}
}

// smallest is about the smallest shift that the audit of a finding detects with a probability of .95: both
// errors of a t-test on the pairs, of which the sign-flip test has nearly the power, at .05.
func smallest(f audit.Finding) float64 {
	t := distuv.StudentsT{Sigma: 1, Nu: float64(f.Pairs - 1)}.Quantile(0.95)
	return max(f.Tolerance, 2*t*f.Effect.SD/math.Sqrt(float64(f.Pairs)))
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
