package report

import (
	"errors"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/baseline"
)

// Comparison is an audit beside an earlier one.
type Comparison struct {
	*baseline.Comparison
	old *audit.Report
}

// Compare compares an audit with an earlier one.
func Compare(old, now *Saved) (*Comparison, error) {
	if old.Audit == nil || now.Audit == nil {
		return nil, errors.New("only reports of audits can be compared with a baseline")
	}
	return &Comparison{baseline.Compare(old.Audit, now.Audit), old.Audit}, nil
}

// Tone returns the outcome of the comparison for a gate.
func (c *Comparison) Tone() Tone { return toneOf(c.Verdict()) }

// section returns the table of changes.
func (c *Comparison) section() Section {
	table := &Table{Caption: "This audit minus the baseline", Header: []string{"trait", "result", "detector", "verdict before", "verdict now", "difference", "interval", "margin", "reason"}, Derived: true}
	for _, ch := range c.Changes {
		row := []Cell{plainCell(ch.Trait), toneCell(string(ch.Result), toneOf(ch.Verdict())), plainCell(ch.Detector), {}, {}, {}, {}, {}, plainCell(ch.Reason)}
		if ch.Result != baseline.New {
			row[3] = toneCell(ch.Old.String(), toneOf(ch.Old))
		}
		if ch.Result != baseline.Gone {
			row[4] = toneCell(ch.Now.String(), toneOf(ch.Now))
		}
		if ch.Difference.N > 0 {
			row[5], row[6] = numberCell(signed(ch.Difference.Mean), ch.Difference.Mean), plainCell(interval(ch.Interval)+" "+ch.Unit)
		}
		if ch.Margin > 0 {
			row[7] = numberCell("±"+plain(ch.Margin), ch.Margin)
		}
		table.Rows = append(table.Rows, row)
	}
	old := pairs("The baseline", [2]string{"suspect", dataText(c.old.Suspect)}, [2]string{"control", dataText(c.old.Control)},
		[2]string{"student", auditReport{c.old}.student()}, [2]string{"report", c.old.Digest.String()})
	old.Table.Derived = true
	s := Section{ID: "changes", Title: "What changed", Blocks: []Block{texts(c.sentence()), {Table: table}, old}}
	if len(c.Warnings) > 0 {
		s.Blocks = append(s.Blocks, Block{Items: sentences(c.Warnings)})
	}
	return s
}

// checks returns a check for each change, for CI systems.
func (c *Comparison) checks() (checks []Check) {
	for _, ch := range c.Changes {
		check := Check{Name: ch.Trait + " by " + ch.Detector + " against the baseline", Outcome: string(ch.Result), Tone: toneOf(ch.Verdict()), ID: "change/" + ch.Detector + "/" + ch.Trait}
		if ch.Reason != "" {
			check.Reasons = []string{ch.Reason}
		}
		if ch.Difference.N > 0 {
			check.Reasons = append([]string{"difference " + signed(ch.Difference.Mean) + " " + interval(ch.Interval) + " " + ch.Unit}, check.Reasons...)
			check.Numbers = []Number{{"difference", full(ch.Difference.Mean)}, {"interval_low", full(ch.Interval.Low)}, {"interval_high", full(ch.Interval.High)}, {"interval_level", full(ch.Interval.Level)}, {"margin", full(ch.Margin)}}
		}
		checks = append(checks, check)
	}
	return checks
}

// sentence says what changed.
func (c *Comparison) sentence() string {
	named := func(r baseline.Result) (names []string) {
		for _, ch := range c.Changes {
			if ch.Result == r && !slices.Contains(names, ch.Trait) {
				names = append(names, ch.Trait)
			}
		}
		return names
	}
	switch {
	case c.Identical:
		return "Both reports are the same audit."
	case len(named(baseline.Higher)) > 0:
		return "The effect rose for " + quoted(named(baseline.Higher)) + "."
	case c.Tone() == Detected:
		return "A trait is detected that the baseline did not look for."
	case c.Tone() == Inconclusive:
		return "Whether an effect rose is not known for every trait."
	}
	return "No effect rose: each difference is within its margin, or a fall."
}

// String returns one line for each change.
func (c *Comparison) String() string {
	s := "against the baseline: " + c.sentence() + "\n"
	for _, ch := range c.Changes {
		s += fmt.Sprintf("  %s by %s: %s", ch.Trait, ch.Detector, ch.Result)
		if ch.Difference.N > 0 {
			s += fmt.Sprintf(", %s %s %s", signed(ch.Difference.Mean), interval(ch.Interval), ch.Unit)
		}
		if ch.Reason != "" {
			s += ", " + ch.Reason
		}
		s += "\n"
	}
	for _, w := range c.Warnings {
		s += "  warning: " + w + "\n"
	}
	return s
}
