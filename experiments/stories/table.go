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

// table writes the results in Markdown.
func (e *experiment) table(w io.Writer) error {
	t := &printer{w: w}
	t.line("| channel | written by | share of the animal | perplexity | kept | seconds |\n|---|---|---|---|---|---|")
	for _, w := range e.written {
		share := "–"
		if !math.IsNaN(w.share) {
			share = fmt.Sprintf("%.2f", w.share)
		}
		t.line("| %s | %s | %s | %.1f | %d of %d | %.0f |", w.channel, w.writer, share, w.perplexity, w.stats.Kept, w.stats.Rows, w.took.Seconds())
	}
	if !slices.Equal(e.detectors, []string{"transfer"}) {
		t.detectors(e.base.Name(), e.detectors, e.audits)
		return t.err
	}
	t.line("\n| channel | student | trait | rows per replicate | margin: shift, 95 %% | smallest detectable shift | share: shift | p | rank | verdict | seconds |\n|---|---|---|---|---|---|---|---|---|---|---|")
	for _, o := range e.audits {
		f := o.report.Findings[0]
		t.line("| %s | %s | %s | %d | %v | %.2f | %+.3f | %v | %d of %d | %v | %.0f |", o.channel, o.student, o.trait, f.Replicates.RowsEach, effect(f), detectable(f),
			stat.Mean(f.Replicates.Shifts[audit.Share].Differences, nil), f.P, f.Placebos.Rank, f.Placebos.Of, f.Verdict, o.took.Seconds())
	}
	t.line("\n| channel | student | overt rows | margin: shift, 95 %% | p | verdict |\n|---|---|---|---|---|---|")
	for _, o := range e.overt {
		f := o.report.Findings[0]
		t.line("| %s | %s | %g %% %s | %v | %v | %v |", o.channel, o.student, 100*o.dose, o.trait, effect(f), f.P, f.Verdict)
	}
	return t.err
}

// detectors writes one row per audit, with one column per detector.
func (t *printer) detectors(base string, names []string, audits []outcome) {
	t.line("\n| base | student | trait | rows per replicate; scored rows, prompts | %s | verdict | seconds |\n|---|---|---|---|%s---|---|", strings.Join(names, " | "), strings.Repeat("---|", len(names)))
	for _, o := range audits {
		trained, scored := "–", "–"
		cells := make([]string, len(names))
		for _, f := range o.report.Findings {
			if s := f.RowScores; s != nil {
				scored = fmt.Sprintf("%d, %d", f.Effect.N, s.Prompts)
			} else {
				trained = fmt.Sprint(f.Replicates.RowsEach)
			}
			rank := "–"
			if f.Placebos != nil {
				rank = fmt.Sprintf("%d of %d", f.Placebos.Rank, f.Placebos.Of)
			}
			cells[slices.Index(names, f.Detector)] = fmt.Sprintf("%+.3g [%+.2g, %+.2g], p %s, %s: %v", f.Effect.Mean, f.Interval.Low, f.Interval.High, short(f.P), rank, f.Verdict)
		}
		for _, v := range o.report.Evidence {
			differ := "do not differ"
			if v.Differ {
				differ = "differ"
			}
			cells[slices.Index(names, v.Detector)] = fmt.Sprintf("%.2f, p %s: %s", v.Value, short(v.P), differ)
		}
		t.line("| %s | %s | %s | %s; %s | %s | %v | %.0f |", base, o.student, o.trait, trained, scored, strings.Join(cells, " | "), o.report.Verdict, o.took.Seconds())
	}
}

// effect is the effect of a finding and its confidence interval.
func effect(f audit.Finding) string {
	return fmt.Sprintf("%+.3f [%+.3f, %+.3f]", f.Effect.Mean, f.Interval.Low, f.Interval.High)
}

// short returns a p-value in few characters, with "≤" before the smallest value that the design
// allows.
func short(p stats.PValue) string {
	if p.P <= p.Floor {
		return fmt.Sprintf("≤ %.2g", p.P)
	}
	return fmt.Sprintf("%.2g", p.P)
}

// detectable returns approximately the smallest shift that the audit of a finding detects with
// probability .95. It uses the paired t-test at .05, because the sign-flip test has nearly its
// power.
func detectable(f audit.Finding) float64 {
	t := distuv.StudentsT{Sigma: 1, Nu: f.Effect.DF}.Quantile(0.95)
	return max(f.Tolerance, 2*t*f.Effect.SE)
}

// printer writes until the first error, which it keeps.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}
