package main

import (
	"fmt"
	"io"
)

// render writes the tables as Markdown.
func (r *results) render(w io.Writer) error {
	d := r.Design
	t := newTable("row plan", "rows per replicate", "traits", "audits", "p ≤ .05 for any trait", "detected", "limit", "judgement")
	for _, l := range r.Null {
		judgement := "not judged"
		if l.Judged {
			judgement = map[bool]string{true: "pass", false: "FAIL"}[l.passed()]
		}
		t.add(l.Plan, l.Rows, l.Traits, l.Detected.Of, l.atAlpha(), l.Detected, fmt.Sprintf("%.3f", l.Limit), judgement)
	}
	p := newTable("share of audits with p ≤")
	for _, level := range levels {
		p.head = append(p.head, fmt.Sprint(level))
	}
	for _, l := range r.Null {
		if l.Traits > 1 {
			continue
		}
		cells := []any{fmt.Sprintf("%s, %d rows per replicate", l.Plan, l.Rows)}
		for _, f := range l.Found {
			cells = append(cells, fmt.Sprintf("%.3f", f.Rate))
		}
		p.add(cells...)
	}
	out := &sticky{w: w}
	out.print("### No trait: %d pairs, seed %d\n\n%s\n### No trait: p-values of one trait\n\n%s", d.Replicates, d.Seed, t, p)
	out.power("Overt rows among those of the base", r.Overt)
	out.power("Rows of the teacher among those of the base", r.Teacher)
	if len(r.Pairs) > 0 {
		out.print("\n### Replicates: overt rows\n\n%s", powerTable(r.Pairs))
	}
	return out.err
}

// sticky writes until the first error, which it keeps.
type sticky struct {
	w   io.Writer
	err error
}

func (s *sticky) print(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format, args...)
	}
}

func (s *sticky) power(title string, lines []powerLine) {
	if len(lines) == 0 {
		return
	}
	s.print("\n### %s\n\n%s", title, powerTable(lines))
	s.print("\nSmallest dose that 95 %% of the audits find, at it and at every larger dose. By p ≤ .05: %s. By the verdict: %s.\n",
		dose(enough(lines, func(l powerLine) rate { return l.Found })),
		dose(enough(lines, func(l powerLine) rate { return l.Detected })))
}

func dose(share float64, ok bool) string {
	if !ok {
		return "none of these"
	}
	return percent(share)
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func powerTable(lines []powerLine) *table {
	t := newTable("dose", "pairs", "rows per replicate", "mean shift", "SD over audits", "audits", "p ≤ .05", "detected")
	for _, l := range lines {
		t.add(percent(l.Dose), l.Pairs, l.Rows, fmt.Sprintf("%+.3f", l.Shift), fmt.Sprintf("%.3f", l.SD), l.Found.Of, l.Found, l.Detected)
	}
	return t
}
