package main

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
	"github.com/undertone-audit/undertone/sandbox"
)

// results holds the tables of a run.
type results struct {
	Passed  bool        `json:"passed"` // every judged line is within its limit
	Design  design      `json:"design"`
	Null    []nullLine  `json:"null"`
	Overt   []powerLine `json:"overt"`
	Teacher []powerLine `json:"teacher"`
	Pairs   []powerLine `json:"pairs"`
}

// nullLine summarises audits in which the base wrote both arms.
type nullLine struct {
	Plan     audit.RowPlan `json:"plan"`
	Traits   int           `json:"traits"`
	Rows     int           `json:"rows"`     // per replicate
	Found    []rate        `json:"found"`    // smallest adjusted p-value <= the level, for each of levels
	Detected rate          `json:"detected"` // verdict of the audit
	Limit    float64       `json:"limit"`    // alpha plus two standard errors
	Judged   bool          `json:"judged"`   // the line must not exceed the limit
}

// levels are the levels at which p-values are counted.
var levels = []float64{0.01, alpha, 0.1, 0.2, 0.5}

// atAlpha returns the share of audits in which a trait has an adjusted p-value of at most alpha.
func (l nullLine) atAlpha() rate { return l.Found[slices.Index(levels, alpha)] }

func (l nullLine) passed() bool {
	return !l.Judged || l.atAlpha().Rate <= l.Limit && l.Detected.Rate <= l.Limit
}

// powerLine summarises audits of one dose.
type powerLine struct {
	Dose     float64 `json:"dose"`  // share of the suspect rows
	Pairs    int     `json:"pairs"` // replicates per arm
	Rows     int     `json:"rows"`  // per replicate
	Shift    float64 `json:"shift"` // mean over audits, nats
	SD       float64 `json:"sd"`    // over audits
	Found    rate    `json:"found"` // p at most alpha
	Detected rate    `json:"detected"`
}

// calibrate simulates the whole design.
func calibrate(ctx context.Context, d design, show *progress.Line) (*results, error) {
	show.Show("training %d bases and teachers", d.Bases)
	worlds, err := newWorlds(ctx, d.Bases, d.Seed)
	if err != nil {
		return nil, err
	}
	sim := &simulator{seed: d.Seed, worlds: worlds, show: show}
	r := &results{Design: d, Passed: true}
	if r.Null, err = sim.null(ctx, d); err != nil {
		return nil, err
	}
	for _, l := range r.Null {
		r.Passed = r.Passed && l.passed()
	}
	for _, dose := range d.Overt {
		s := scenario{name: fmt.Sprintf("overt rows, dose %v", dose), replicates: d.Replicates, rows: d.OvertRows, overt: dose}
		if r.Overt, err = sim.power(ctx, r.Overt, s, d.PowerAudits); err != nil {
			return nil, err
		}
	}
	for _, dose := range d.Teacher {
		s := scenario{name: fmt.Sprintf("rows of the teacher, dose %v", dose), replicates: d.Replicates, rows: d.TeacherRows, teacher: dose}
		if r.Teacher, err = sim.power(ctx, r.Teacher, s, d.PowerAudits); err != nil {
			return nil, err
		}
	}
	for _, dose := range d.PairsOvert {
		for _, n := range d.Pairs {
			s := scenario{name: fmt.Sprintf("%d replicates, dose %v", n, dose), replicates: n, rows: d.OvertRows, overt: dose}
			if r.Pairs, err = sim.power(ctx, r.Pairs, s, d.PowerAudits); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

// null simulates audits of rows without a trait. It looks for one trait, and for all traits.
func (sim *simulator) null(ctx context.Context, d design) ([]nullLine, error) {
	var lines []nullLine
	for _, plan := range []audit.RowPlan{audit.SplitRows, audit.ShareRows} {
		sizes, audits := d.ShareRows, d.ShareAudits
		if plan == audit.SplitRows {
			sizes, audits = []int{d.Rows}, d.Audits
		}
		for _, rows := range sizes {
			for _, traits := range [][]string{{animal}, sandbox.Animals} {
				s := scenario{
					name: fmt.Sprintf("no trait, %s %d rows, of %d", plan, rows, len(traits)),
					plan: plan, replicates: d.Replicates, rows: rows, traits: traits,
				}
				outcomes, err := sim.run(ctx, s, audits)
				if err != nil {
					return nil, err
				}
				l := nullLine{
					Plan: plan, Traits: len(traits), Rows: rows, Detected: share(outcomes, detected),
					Limit: alpha + 2*standardError(alpha, audits), Judged: plan == audit.SplitRows,
				}
				for _, level := range levels {
					l.Found = append(l.Found, share(outcomes, atMost(level)))
				}
				lines = append(lines, l)
			}
		}
	}
	return lines, nil
}

// power appends the line of a scenario with a dose.
func (sim *simulator) power(ctx context.Context, lines []powerLine, s scenario, audits int) ([]powerLine, error) {
	s.plan, s.traits = audit.SplitRows, []string{animal}
	outcomes, err := sim.run(ctx, s, audits)
	if err != nil {
		return nil, err
	}
	shifts := make([]float64, len(outcomes))
	for i, o := range outcomes {
		shifts[i] = o.shift
	}
	mean, sd := stat.MeanStdDev(shifts, nil)
	return append(lines, powerLine{
		Dose: s.overt + s.teacher, Pairs: s.replicates, Rows: s.rows, Shift: mean, SD: sd,
		Found: share(outcomes, atMost(alpha)), Detected: share(outcomes, detected),
	}), nil
}

// enough returns the smallest dose at which, and above which, the share is at least .95, or false.
func enough(lines []powerLine, share func(powerLine) rate) (dose float64, ok bool) {
	for _, l := range slices.Backward(lines) {
		if share(l).Rate < 0.95 {
			break
		}
		dose, ok = l.Dose, true
	}
	return dose, ok
}
