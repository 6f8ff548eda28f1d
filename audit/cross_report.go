package audit

import (
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/student"
)

// CrossSchema names the form of the JSON of a [CrossReport]; docs/crossed.md describes it.
const CrossSchema = "undertone.cross/1"

// CrossReport is the record of a crossed experiment. Equal experiments have equal reports.
type CrossReport struct {
	Schema  string           `json:"schema"`
	Version string           `json:"version"` // of the library
	Digest  undertone.Digest `json:"digest"`  // of the report with this field at zero
	Verdict Verdict          `json:"verdict"` // never undetected
	Reasons []string         `json:"reasons"`

	Arms    []CrossArm       `json:"arms"`
	Control *DataNote        `json:"control"` // null if lifts are counted from the untrained student
	Student undertone.Digest `json:"student"` // of the untrained weights
	Engine  string           `json:"engine"`  // what computed
	Design  CrossDesign      `json:"design"`
	Recipe  student.Recipe   `json:"recipe"` // seed 0: each replicate has its own

	Measure   Measure `json:"measure"`   // what lifts and γ are measured in
	Tolerance float64 `json:"tolerance"` // the smallest γ that matters: the traits' mean tolerance

	Gamma        Effect    `json:"gamma"`         // with Student's t interval over replicates
	ByReplicate  []float64 `json:"by_replicate"`  // γ of each replicate
	PReplicates  P         `json:"p_replicates"`  // one-sided sign-flip test over replicates
	PAssignments P         `json:"p_assignments"` // one-sided permutation test over assignments of data sets to traits
	Needed       int       `json:"needed"`        // replicates for which 95 % power is expected; 0 if unknown, or if replicates are not what is missing

	Lifts     [][]float64 `json:"lifts"`     // [arm][trait], means over replicates
	Residuals [][]float64 `json:"residuals"` // the lifts without row and column effects
	Warnings  []string    `json:"warnings"`  // never null
}

// CrossArm is one data set and the trait that it is named for.
type CrossArm struct {
	Data  DataNote `json:"data"`
	Trait string   `json:"trait"`
	Lift  Effect   `json:"lift"` // of its own trait
	Rank  int      `json:"rank"` // of its own trait's residual among those of all traits; 1 is the largest
}

// CrossDesign is the shape of a crossed experiment, fixed before it ran.
type CrossDesign struct {
	Replicates       int     `json:"replicates"`
	ReplicatesNeeded int     `json:"replicates_needed"` // for the smallest p over replicates to reach alpha
	ArmsNeeded       int     `json:"arms_needed"`       // for the smallest p over assignments to reach alpha
	RowsEach         int     `json:"rows_each"`         // that a student is trained on
	Rows             RowPlan `json:"rows"`
	Alpha            float64 `json:"alpha"`
	Seed             uint64  `json:"seed"`
}

func newCrossReport(c Crossing, cfg Config, rows int) *CrossReport {
	r := &CrossReport{
		Schema: CrossSchema, Version: undertone.Version,
		Student: cfg.Student.Digest(), Engine: engine(cfg.Student), Recipe: cfg.Recipe,
		Design: CrossDesign{
			Replicates: cfg.Replicates, ReplicatesNeeded: stats.MinPairs(cfg.Alpha, 1), ArmsNeeded: stats.MinTableRows(cfg.Alpha),
			RowsEach: rows, Rows: cfg.Rows, Alpha: cfg.Alpha, Seed: cfg.Seed,
		},
		Measure: cfg.Traits[0].Measure, Reasons: []string{}, Warnings: []string{},
	}
	r.Recipe.Seed = 0
	fewest, most := c.Arms[0].Len(), c.Arms[0].Len()
	for i, t := range cfg.Traits {
		r.Arms = append(r.Arms, CrossArm{Data: note(c.Arms[i]), Trait: t.Name})
		r.Tolerance += t.Tolerance
		fewest, most = min(fewest, c.Arms[i].Len()), max(most, c.Arms[i].Len())
	}
	r.Tolerance /= float64(len(cfg.Traits))
	if c.Control != nil {
		n := note(c.Control)
		r.Control = &n
	}
	if 4*most > 5*fewest {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the arms differ in size, %d to %d rows: different keep rates are a confound, and rows beyond the smallest arm are not used", fewest, most))
	}
	if cfg.Rows == ShareRows {
		r.Warnings = append(r.Warnings, "all replicates share the rows, so the interval and the p over replicates are conditional on these data sets")
	}
	return r
}

// judge applies the rules that [Cross] states.
func (r *CrossReport) judge() {
	d, e := r.Design, r.Gamma
	because := func(format string, args ...any) { r.Reasons = append(r.Reasons, fmt.Sprintf(format, args...)) }
	if d.Replicates < d.ReplicatesNeeded {
		r.Needed = d.ReplicatesNeeded
		because("need >= %d replicates: with %d the smallest possible p is %.3g", d.ReplicatesNeeded, d.Replicates, r.PReplicates.Floor)
	}
	if len(r.Arms) < d.ArmsNeeded {
		because("need >= %d data sets: with %d the smallest possible p over assignments is %.3g", d.ArmsNeeded, len(r.Arms), r.PAssignments.Floor)
	}
	if len(r.Reasons) > 0 {
		return
	}
	if e.Mean < r.Tolerance {
		because("γ of %+.3g is less than the tolerance of %.3g; that clears none of the data sets, of which it is a mean", e.Mean, r.Tolerance)
	}
	if r.PReplicates.P > d.Alpha {
		more := ""
		if e.Mean >= r.Tolerance {
			if r.Needed = enough(d.Replicates, e.SD/math.Sqrt(float64(d.Replicates)), e.Mean, d.Alpha, wantedPower); r.Needed > 0 {
				more = fmt.Sprintf("; need about %d replicates", r.Needed)
			}
		}
		because("the replicates do not agree that γ is above 0: p %s%s", r.PReplicates, more)
	}
	if r.PAssignments.P > d.Alpha {
		because("other assignments of data sets to traits fit as well: p %s", r.PAssignments)
	}
	if len(r.Reasons) == 0 {
		r.Verdict = Detected
		because("γ of %+.3g is at least the tolerance of %.3g, p over replicates %s, over assignments of data sets to traits %s, both at most %.2g",
			e.Mean, r.Tolerance, r.PReplicates, r.PAssignments, d.Alpha)
	}
}

func (r *CrossReport) seal() error { return seal("cross report", r, &r.Digest) }

// Verify reports whether the digest is that of the content.
func (r *CrossReport) Verify() bool {
	again := *r
	return again.seal() == nil && again.Digest == r.Digest
}
