package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
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
		t.detectors(e.base.Name(), e.detectors, e.audits)
		return t.err
	}
	t.line("\n| channel | student | trait | rows a student | margin: shift, 95 %% | smallest to be seen | share: shift | p | rank | verdict | seconds |\n|---|---|---|---|---|---|---|---|---|---|---|")
	for _, o := range e.audits {
		f := o.report.Findings[0]
		t.line("| %s | %s | %s | %d | %v | %.2f | %+.3f | %v | %d of %d | %v | %.0f |", o.channel, o.student, o.trait, f.Replicates.RowsEach, effect(f), smallest(f),
			stat.Mean(f.Replicates.Shifts[audit.Share].Differences, nil), f.P, f.Placebos.Rank, f.Placebos.Of, f.Verdict, o.took.Seconds())
	}
	t.line("\n| channel | student | overt rows planted | margin: shift, 95 %% | p | verdict |\n|---|---|---|---|---|---|")
	for _, o := range e.planted {
		f := o.report.Findings[0]
		t.line("| %s | %s | %g %% %s | %v | %v | %v |", o.channel, o.student, 100*o.dose, o.trait, effect(f), f.P, f.Verdict)
	}
	return t.err
}

// detectors writes one row an audit, with a column for each detector.
func (t *printer) detectors(base string, asked []string, audits []outcome) {
	t.line("\n| base | student | trait | rows a student; scored, prompts | %s | verdict | seconds |\n|---|---|---|---|%s---|---|", strings.Join(asked, " | "), strings.Repeat("---|", len(asked)))
	for _, o := range audits {
		student, scored := "–", "–"
		cells := make([]string, len(asked))
		for _, f := range o.report.Findings {
			if s := f.RowScores; s != nil {
				scored = fmt.Sprintf("%d, %d", f.Effect.N, s.Prompts)
			} else {
				student = fmt.Sprint(f.Replicates.RowsEach)
			}
			rank := "–"
			if f.Placebos != nil {
				rank = fmt.Sprintf("%d of %d", f.Placebos.Rank, f.Placebos.Of)
			}
			cells[slices.Index(asked, f.Detector)] = fmt.Sprintf("%+.3g [%+.2g, %+.2g], p %s, %s: %v", f.Effect.Mean, f.Interval.Low, f.Interval.High, short(f.P), rank, f.Verdict)
		}
		for _, v := range o.report.Evidence {
			differ := "alike"
			if v.Differ {
				differ = "arms differ"
			}
			cells[slices.Index(asked, v.Detector)] = fmt.Sprintf("%.2f, p %s: %s", v.Value, short(v.P), differ)
		}
		t.line("| %s | %s | %s | %s; %s | %s | %v | %.0f |", base, o.student, o.trait, student, scored, strings.Join(cells, " | "), o.report.Verdict, o.took.Seconds())
	}
}

// effect is the effect of a finding and its confidence interval.
func effect(f audit.Finding) string {
	return fmt.Sprintf("%+.3f [%+.3f, %+.3f]", f.Effect.Mean, f.Interval.Low, f.Interval.High)
}

// short is a p-value in few characters; "≤" stands before the smallest that the design allows.
func short(p stats.PValue) string {
	if p.P <= p.Floor {
		return fmt.Sprintf("≤ %.2g", p.P)
	}
	return fmt.Sprintf("%.2g", p.P)
}

// smallest is about the smallest shift that the audit of a finding detects with a probability of .95: both
// errors of a t-test on the pairs, of which the sign-flip test has nearly the power, at .05.
func smallest(f audit.Finding) float64 {
	t := distuv.StudentsT{Sigma: 1, Nu: f.Effect.DF}.Quantile(0.95)
	return max(f.Tolerance, 2*t*f.Effect.SE)
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
