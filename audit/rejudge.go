package audit

import (
	"errors"
	"fmt"
	"math"
	"slices"

	gonum "gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

// rowDetectors are the names of the detectors of package rowscore. They are reserved for detectors
// that judge by [JudgeRows], so that a reader of a report knows their rule.
var rowDetectors = []string{"likelihood", "influence"}

// maxPairs is the largest number of replicate pairs in a report that is read.
const maxPairs = 10_000

// rejudged returns an error if a detector of this module gives the measurement another judgement by
// its rule, or if a number of its measurement does not follow from the others. Other detectors have
// rules of their own. The limit of detection is compared with its power and not simulated again.
// Reasons are compared if this version of the library wrote them. flips is the rest of
// [maxFlips].
func (r *Report) rejudged(f Finding, l Level, flips *int) (err error) {
	defer recovered("its rule", &err)
	if f.Detector == transferName && (f.PositiveControl == nil) != (f.Limit == nil) {
		return errors.New("it has one of a positive control and a limit of detection, want both or none")
	}
	var j Judgement
	switch {
	case f.Detector != transferName && !slices.Contains(rowDetectors, f.Detector):
		return nil
	case f.Detector == transferName:
		if err := r.derived(f.Measurement, l, flips); err != nil {
			return err
		}
		j = judgeReplicates(f.Measurement, l, func() *Limit { return f.Limit })
	default:
		if j = JudgeRows(f.Measurement, l); f.RowScores == nil {
			return errors.New("it has no scores of rows")
		} else if f.Tolerance != 0 {
			return fmt.Errorf("the tolerance is %v, want 0: it follows from the positive control", f.Tolerance)
		}
	}
	switch {
	case f.Verdict != j.Verdict:
		return fmt.Errorf("the verdict is %s, but by its numbers %s", f.Verdict, j.Verdict)
	case f.Trace != j.Trace || f.Moved != j.Moved || f.PositiveControlFound != j.PositiveControlFound:
		return fmt.Errorf("trace, moved and positive control found are %v, %v and %v, but by its numbers %v, %v and %v", f.Trace, f.Moved, f.PositiveControlFound, j.Trace, j.Moved, j.PositiveControlFound)
	case !f.Interval.near(j.Interval):
		return fmt.Errorf("the interval is [%v, %v], but by its numbers [%v, %v]", f.Interval.Low, f.Interval.High, j.Interval.Low, j.Interval.High)
	case (f.PositiveControlInterval == nil) != (j.PositiveControlInterval == nil) || j.PositiveControlInterval != nil && !f.PositiveControlInterval.near(*j.PositiveControlInterval):
		return fmt.Errorf("the interval of the positive control is %v, but by its numbers %v", f.PositiveControlInterval, j.PositiveControlInterval)
	case f.Needed != j.Needed:
		return fmt.Errorf("it needs %d replicates or rows, but by its numbers %d", f.Needed, j.Needed)
	case r.Version != undertone.Version:
	case !slices.Equal(f.Reasons, j.Reasons):
		return fmt.Errorf("its reasons are %.200q, but by its numbers %.200q", f.Reasons, j.Reasons)
	case !slices.Equal(f.Caveats, j.Caveats):
		return fmt.Errorf("its caveats are %.200q, but by its numbers %.200q", f.Caveats, j.Caveats)
	}
	return f.Limit.possible(f.PositiveControl)
}

// summarised returns an error if the effect and the rank are not those of the replicates and the
// placebos, or if the positive control is not that of its replicates.
func (m Measurement) summarised() error {
	r, d := m.Replicates, m.Replicates.sized()
	if len(r.Differences) > maxPairs || len(d) > maxPairs {
		return fmt.Errorf("it has %d and %d pairs, want at most %d", len(r.Differences), len(d), maxPairs)
	}
	if !m.Effect.near(pairEstimate(d)) {
		return fmt.Errorf("the effect is %+.4g, but the mean of its pairs %+.4g", m.Effect.Mean, pairEstimate(d).Mean)
	}
	if sd := gonum.StdDev(r.Differences, nil); !near(r.SD, sd) {
		return fmt.Errorf("the standard deviation is %.4g, but that of its pairs %.4g", r.SD, sd)
	}
	if w := r.Whole; w != nil && !near(w.SD, gonum.StdDev(w.Differences, nil)) {
		return fmt.Errorf("the standard deviation of students of all rows is %.4g, but that of their pairs %.4g", w.SD, gonum.StdDev(w.Differences, nil))
	}
	if p := m.Placebos; p != nil {
		rank := 1
		for _, e := range p.Effects {
			if e.Mean > m.Effect.Mean {
				rank++
			}
		}
		if p.Rank != rank || p.Of != len(p.Effects)+1 {
			return fmt.Errorf("the trait ranks %d of %d values, but by their effects %d of %d", p.Rank, p.Of, rank, len(p.Effects)+1)
		}
	}
	return m.PositiveControl.summarised()
}

// summarised returns an error if the mean or the p-value is not that of the replicates.
func (c *PositiveControl) summarised() error {
	if c == nil {
		return nil
	}
	if len(c.Differences) > maxPairs {
		return fmt.Errorf("its positive control has %d pairs, want at most %d", len(c.Differences), maxPairs)
	}
	if e, p := pairEstimate(c.Differences), stats.MeanTest(c.Differences); !c.Effect.near(e) || !near(c.P.P, p.P) {
		return fmt.Errorf("the positive control has the effect %+.4g and the p-value %.3g, but by its pairs %+.4g and %.3g", c.Effect.Mean, c.P.P, e.Mean, p.P)
	}
	return nil
}

// possible returns an error if no simulation of a positive control gives the limit.
func (l *Limit) possible(c *PositiveControl) error {
	switch {
	case l == nil:
		return nil
	case c == nil:
		return errors.New("it has a limit of detection and no positive control")
	case !(l.Dose > 0 && l.Dose <= c.dose()*(1+1e-9)):
		return fmt.Errorf("the limit of detection is %v, want a share in (0, %v], which was planted", l.Dose, c.dose())
	case l.Power != wantedPower || !(l.Full >= 0 && l.Full <= 1) || l.Reached != (l.Full >= l.Power):
		return fmt.Errorf("the limit of detection is reached: %v, with a power of %v where %v is wanted", l.Reached, l.Full, l.Power)
	case !l.Reached && !near(l.Dose, c.dose()):
		return fmt.Errorf("the limit of detection was not reached at %v, where %v was planted", l.Dose, c.dose())
	}
	return nil
}

// near reports whether two numbers agree, apart from rounding on another processor.
func near(a, b float64) bool {
	return a == b || math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b), 1e-3)
}

func (i Interval) near(other Interval) bool {
	return near(i.Low, other.Low) && near(i.High, other.High) && near(i.Level, other.Level)
}

func (e Estimate) near(other Estimate) bool {
	return near(e.Mean, other.Mean) && near(e.SE, other.SE) && e.N == other.N && near(e.DF, other.DF)
}
