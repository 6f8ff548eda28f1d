package factorial

import (
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
)

// maxArms and maxReplicates are the largest sizes of an experiment. They bound the time in which a
// report is read, because its tests are computed again.
const (
	maxArms       = 1000
	maxReplicates = 1000
)

// consistent returns an error if [Run] cannot have written the report: its table has another shape
// than its arms, a number does not follow from the lifts and from γ of each replicate, or the
// verdict does not follow from the numbers. The digest of a report cannot show this, because
// anybody can compute it. Reasons are compared if this version of the library wrote them.
func (r *Report) consistent() error {
	if err := r.designed(); err != nil {
		return err
	}
	if err := r.shaped(); err != nil {
		return err
	}
	if err := r.measured(); err != nil {
		return fmt.Errorf("it contradicts itself: %w", err)
	}
	judged := *r
	judged.Verdict, judged.Reasons, judged.Needed = audit.Inconclusive, nil, 0
	judged.judge()
	switch {
	case judged.Verdict != r.Verdict:
		return fmt.Errorf("it contradicts itself: the verdict is %s, but by its numbers %s", r.Verdict, judged.Verdict)
	case judged.Needed != r.Needed:
		return fmt.Errorf("it contradicts itself: it needs %d replicates, but by its numbers %d", r.Needed, judged.Needed)
	case r.Version == undertone.Version && !slices.Equal(judged.Reasons, r.Reasons):
		return fmt.Errorf("it contradicts itself: its reasons are %.200q, but by its numbers %.200q", r.Reasons, judged.Reasons)
	}
	return nil
}

// designed returns an error if the design is out of range.
func (r *Report) designed() error {
	d := r.Design
	switch {
	case !(d.Alpha > 0 && d.Alpha < 0.5):
		return fmt.Errorf("alpha is %v, want a number in (0, 0.5)", d.Alpha)
	case d.Replicates < 2 || d.Replicates > maxReplicates:
		return fmt.Errorf("it has %d replicates, want a number in [2, %d]", d.Replicates, maxReplicates)
	case d.InterimEvery != 0 || d.Whole != 0 || d.Dose != 0:
		return fmt.Errorf("its design has interim looks (%d), replicates on all rows (%d) or a dose (%v), which a crossed experiment does not have", d.InterimEvery, d.Whole, d.Dose)
	case d.ReplicatesNeeded != stats.MinPairs(d.Alpha, 1) || d.ArmsNeeded != stats.MinTableRows(d.Alpha):
		return fmt.Errorf("it needs %d replicates and %d arms, but by its alpha %d and %d", d.ReplicatesNeeded, d.ArmsNeeded, stats.MinPairs(d.Alpha, 1), stats.MinTableRows(d.Alpha))
	case d.RowsEach < 1:
		return fmt.Errorf("each student is trained on %d rows, want >= 1", d.RowsEach)
	case !(r.Tolerance > 0):
		return fmt.Errorf("the tolerance is %v, want a number > 0", r.Tolerance)
	case r.Scale != audit.Margin && r.Scale != audit.Share && r.Scale != audit.Rate:
		return fmt.Errorf("the scale %.20q is not known", r.Scale)
	}
	if _, err := d.WithDefaults(); err != nil {
		return fmt.Errorf("its design: %w", err)
	}
	if _, err := r.Recipe.WithDefaults(); err != nil {
		return fmt.Errorf("its recipe: %w", err)
	}
	return nil
}

// shaped returns an error if there are not two arms of different traits, or if a table or list does
// not have one element for each of them, or one for each replicate.
func (r *Report) shaped() error {
	n := len(r.Arms)
	if n < 2 || n > maxArms {
		return fmt.Errorf("it has %d arms, want a number in [2, %d]", n, maxArms)
	}
	traits := map[string]bool{}
	for i, a := range r.Arms {
		switch {
		case a.Data.Rows < 1:
			return fmt.Errorf("arm %d has %d rows, want >= 1", i, a.Data.Rows)
		case traits[a.Trait]:
			return fmt.Errorf("trait %.40q is listed twice", a.Trait)
		}
		traits[a.Trait] = true
	}
	if c := r.Control; c != nil && c.Rows < 1 {
		return fmt.Errorf("the control has %d rows, want >= 1", c.Rows)
	}
	if len(r.ByReplicate) != r.Design.Replicates {
		return fmt.Errorf("it has γ of %d replicates, want %d", len(r.ByReplicate), r.Design.Replicates)
	}
	switch {
	case !square(r.Lifts, n):
		return fmt.Errorf("its lifts are no table of %d rows and %d columns, one for each arm", n, n)
	case !square(r.Residuals, n):
		return fmt.Errorf("its residuals are no table of %d rows and %d columns, one for each arm", n, n)
	}
	return nil
}

// square reports whether a table has n rows and n columns.
func square(table [][]float64, n int) bool {
	return len(table) == n && !slices.ContainsFunc(table, func(row []float64) bool { return len(row) != n })
}

// measured returns an error if a number does not follow from the lifts and from γ of each
// replicate. It completes the sentence "it contradicts itself: …".
func (r *Report) measured() error {
	if want := r.interval(r.ByReplicate); !r.Gamma.near(want) {
		return fmt.Errorf("γ is %s, but by its replicates %s", r.Gamma, want)
	}
	size := 1e-3 // of the lifts, from which rounding comes
	for _, row := range r.Lifts {
		for _, lift := range row {
			size = max(size, math.Abs(lift))
		}
	}
	if want := stats.DiagonalEffect(r.Lifts); !near(r.Gamma.Mean, want, size) {
		return fmt.Errorf("γ is %+.4g, but by the lifts %+.4g", r.Gamma.Mean, want)
	}
	for i, row := range stats.DoubleCentre(r.Lifts) {
		for j, want := range row {
			if !near(r.Residuals[i][j], want, size) {
				return fmt.Errorf("residual %d of arm %d is %+.4g, but by the lifts %+.4g", j, i, r.Residuals[i][j], want)
			}
		}
	}
	for i, a := range r.Arms {
		if err := r.follows(i, a); err != nil {
			return fmt.Errorf("arm %d: %w", i, err)
		}
	}
	return r.tested()
}

// follows returns an error if the lift or the rank of arm i is not that of the tables.
func (r *Report) follows(i int, a Arm) error {
	half := stats.TwoSided(a.Lift.Level, float64(r.Design.Replicates-1)) * a.Lift.SD / math.Sqrt(float64(r.Design.Replicates))
	want := Effect{a.Lift.Mean, a.Lift.SD, audit.Interval{Low: a.Lift.Mean - half, High: a.Lift.Mean + half, Level: 1 - r.Design.Alpha}}
	switch {
	case !near(a.Lift.Mean, r.Lifts[i][i], math.Abs(r.Lifts[i][i])+1e-3):
		return fmt.Errorf("the lift is %+.4g, but in the table %+.4g", a.Lift.Mean, r.Lifts[i][i])
	case a.Lift.SD < 0 || !a.Lift.near(want):
		return fmt.Errorf("the lift is %s with a standard deviation of %.4g, which gives %s", a.Lift, a.Lift.SD, want)
	case a.Rank != r.rank(i):
		return fmt.Errorf("the rank is %d, but by the residuals %d", a.Rank, r.rank(i))
	}
	return nil
}

// tested returns an error if a p-value is not that of its test.
func (r *Report) tested() error {
	for _, p := range []stats.PValue{r.PReplicates, r.PAssignments} {
		if !(p.P > 0 && p.P <= 1) {
			return fmt.Errorf("a p-value is %v, want a number in (0, 1]", p.P)
		}
	}
	if want := r.testReplicates(); !samePValue(r.PReplicates, want) {
		return fmt.Errorf("the p-value over replicates is %.3g, but by γ of each %.3g", r.PReplicates.P, want.P)
	}
	if want := r.testAssignments(); !samePValue(r.PAssignments, want) {
		return fmt.Errorf("the p-value over assignments is %.3g, but by the lifts %.3g", r.PAssignments.P, want.P)
	}
	return nil
}

// rounding is the largest difference of equal numbers that were computed on two processors, as a
// share of their size.
const rounding = 1e-9

// near reports whether two numbers agree, apart from rounding of numbers of a size.
func near(a, b, size float64) bool { return math.Abs(a-b) <= rounding*size }

// near reports whether two effects agree, apart from rounding.
func (e Effect) near(want Effect) bool {
	size := max(math.Abs(want.Mean), math.Abs(want.Low), math.Abs(want.High), 1e-3)
	return near(e.Mean, want.Mean, size) && near(e.SD, want.SD, size) && near(e.Low, want.Low, size) && near(e.High, want.High, size) && near(e.Level, want.Level, 1)
}

func samePValue(a, b stats.PValue) bool {
	return near(a.P, b.P, 1) && near(a.Floor, b.Floor, 1) && a.Exact == b.Exact
}
