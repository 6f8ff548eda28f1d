package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/contrib/report/internal/figure"
)

// traits returns the table of verdicts and the figures of effects.
func (r auditReport) traits() Section {
	s := Section{ID: "traits", Title: "Traits"}
	table := &Table{Caption: "What each detector measured", Header: []string{"trait", "verdict of the detector", "detector", "effect", "interval", "adjusted p", "limit of detection"}}
	for t, trait := range r.Traits {
		for _, f := range r.About(t) {
			limit := Cell{Text: "unknown"}
			if f.Limit != nil && f.Limit.Reached {
				limit = numberCell(percent(f.Limit.Dose), f.Limit.Dose)
			} else if f.Limit != nil {
				limit = plainCell("not reached")
			} else if f.Verdict == audit.Detected {
				limit = plainCell("not measured, because the trait was detected")
			}
			table.Rows = append(table.Rows, []Cell{
				plainCell(trait.Trait), toneCell(f.Verdict.String(), toneOf(f.Verdict)), plainCell(f.Detector),
				numberCell(signed(f.Effect.Mean), f.Effect.Mean), plainCell(interval(f.Interval)), numberCell(plain(f.PAdjusted), f.PAdjusted), limit,
			})
		}
	}
	verdicts := &Table{Caption: "The verdict on each trait", Header: []string{"trait", "verdict", "why"}, Sentences: true}
	for t, trait := range r.Traits {
		verdicts.Rows = append(verdicts.Rows, []Cell{plainCell(trait.Trait), toneCell(trait.Verdict.String(), toneOf(trait.Verdict)), listCell(r.why(t))})
	}
	s.Blocks = append(s.Blocks, Block{Table: verdicts})
	for _, d := range r.Detectors {
		s.Blocks = append(s.Blocks, r.effects(d.Name)...)
	}
	s.Blocks = append(s.Blocks, Block{Table: table})
	return s
}

// why returns the reasons for the verdict on trait t. That of a detected trait names its detectors,
// whose own first reasons say more.
func (r auditReport) why(t int) []string {
	if r.Traits[t].Verdict != audit.Detected {
		return r.reasons(t)
	}
	var reasons []string
	for _, f := range r.About(t) {
		if f.Verdict == audit.Detected && len(f.Reasons) > 0 {
			reasons = append(reasons, f.Detector+": "+f.Reasons[0])
		}
	}
	for _, reason := range r.reasons(t) {
		if !strings.HasPrefix(reason, "detected by ") {
			reasons = append(reasons, reason)
		}
	}
	return reasons
}

// shownEffects is the largest number of traits in a figure of effects.
const shownEffects = 40

// effects returns the figures of the effects that a detector measured, one for each unit.
func (r auditReport) effects(detector string) (blocks []Block) {
	byUnit, units := map[string][]figure.Effect{}, []string{}
	for _, f := range r.ordered() {
		if f.Detector != detector {
			continue
		}
		e := figure.Effect{Name: f.Trait, Mean: f.Effect.Mean, Low: f.Interval.Low, High: f.Interval.High, Detected: f.Verdict == audit.Detected, Tolerance: f.Tolerance}
		if f.Placebos != nil {
			for _, p := range f.Placebos.Effects {
				e.Placebos = append(e.Placebos, p.Mean)
			}
		}
		if c := f.PositiveControl; c != nil {
			e.Positive = &c.Effect.Mean
		}
		if byUnit[f.Unit] == nil {
			units = append(units, f.Unit)
		}
		byUnit[f.Unit] = append(byUnit[f.Unit], e)
	}
	for _, unit := range units {
		rows := byUnit[unit]
		f := figure.Effects(unit, rows[:min(shownEffects, len(rows))])
		f.Title = "Effects by " + detector
		if len(rows) > shownEffects {
			f.Title += ", the traits with the smallest adjusted p-values"
		}
		var said []string
		for _, e := range rows[:min(3, len(rows))] {
			said = append(said, fmt.Sprintf("%s %s, interval %s", e.Name, signed(e.Mean), interval(audit.Interval{Low: e.Low, High: e.High})))
		}
		f.Description = "Suspect minus control in " + unit + ": " + strings.Join(said, "; ") + ". " + placebosText(rows) + "The table below holds all numbers."
		blocks = append(blocks, drawn(f))
	}
	return blocks
}

// placebosText says what the placebos of a figure are; "" if it has none.
func placebosText(rows []figure.Effect) string {
	if !slices.ContainsFunc(rows, func(e figure.Effect) bool { return len(e.Placebos) > 0 }) {
		return ""
	}
	return "Placebos show how far other values move, and none of them is a finding, wherever it lies. "
}
