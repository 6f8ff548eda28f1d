package factorial

import (
	"fmt"
	"io"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/internal/jsondoc"
	"github.com/undertone-audit/undertone/student"
)

// Schema names the JSON form of a [Report].
const Schema = "undertone.factorial/1"

// Report is the record of a crossed experiment. Equal experiments have equal reports.
type Report struct {
	Schema  string           `json:"schema"`
	Version string           `json:"version"` // of the library
	Digest  undertone.Digest `json:"digest"`  // of the report with this field at zero and without names of data sets
	Verdict audit.Verdict    `json:"verdict"` // never undetected
	Reasons []string         `json:"reasons"`

	Arms    []Arm            `json:"arms"`
	Control *audit.DataInfo  `json:"control"` // null if the reference is the untrained student
	Student undertone.Digest `json:"student"` // of the untrained weights
	Engine  string           `json:"engine"`  // what computed, such as "avx512"
	Design  DesignInfo       `json:"design"`
	Recipe  student.Recipe   `json:"recipe"` // seed 0: each replicate has its own

	Scale     audit.Scale `json:"scale"`     // of lifts and γ
	Tolerance float64     `json:"tolerance"` // smallest γ that matters: the mean tolerance of the traits

	Gamma        Effect       `json:"gamma"`         // over replicates
	ByReplicate  []float64    `json:"by_replicate"`  // γ of each replicate
	PReplicates  stats.PValue `json:"p_replicates"`  // one-sided sign-flip test over replicates
	PAssignments stats.PValue `json:"p_assignments"` // one-sided permutation test over assignments of data sets to traits
	Needed       int          `json:"needed"`        // replicates for which 95 % power is expected; 0 if unknown, or if more replicates cannot settle it

	Lifts     [][]float64 `json:"lifts"`     // [arm][trait], means over replicates
	Residuals [][]float64 `json:"residuals"` // the lifts without row and column effects
	Warnings  []string    `json:"warnings"`  // never null
}

// Arm is one data set and the trait that it is named for.
type Arm struct {
	Data  audit.DataInfo `json:"data"`
	Trait string         `json:"trait"`
	Lift  Effect         `json:"lift"` // of its own trait
	Rank  int            `json:"rank"` // of the residual of its own trait among those of all traits; 1 is the largest
}

// Effect is a mean over replicates with Student's t interval.
type Effect struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"` // standard deviation over replicates
	audit.Interval
}

// String returns the mean and its interval.
func (e Effect) String() string { return fmt.Sprintf("%+.3f %s", e.Mean, e.Interval) }

// DesignInfo is the design of the experiment with what follows from it. InterimEvery is always 0.
type DesignInfo struct {
	audit.Design
	ReplicatesNeeded int `json:"replicates_needed"` // for the smallest p-value over replicates to reach alpha
	ArmsNeeded       int `json:"arms_needed"`       // for the smallest p-value over assignments to reach alpha
	RowsEach         int `json:"rows_each"`         // rows that a student is trained on
}

func newReport(c Config, cfg audit.Config, rowsEach int) *Report {
	r := &Report{
		Schema: Schema, Version: undertone.Version,
		Student: cfg.Student.Digest(), Engine: replicate.Engine(cfg.Student), Recipe: cfg.Recipe,
		Design: DesignInfo{cfg.Design, stats.MinPairs(cfg.Alpha, 1), stats.MinTableRows(cfg.Alpha), rowsEach},
		Scale:  cfg.Traits[0].Scale, Reasons: []string{}, Warnings: []string{},
	}
	r.Recipe.Seed = 0
	fewest, most := c.Arms[0].Len(), c.Arms[0].Len()
	for i, t := range cfg.Traits {
		r.Arms = append(r.Arms, Arm{Data: audit.DescribeData(c.Arms[i]), Trait: t.Name})
		r.Tolerance += t.Tolerance
		fewest, most = min(fewest, c.Arms[i].Len()), max(most, c.Arms[i].Len())
	}
	r.Tolerance /= float64(len(cfg.Traits))
	if c.Control != nil {
		control := audit.DescribeData(c.Control)
		r.Control = &control
	}
	if 4*most > 5*fewest {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the arms differ in size, %d to %d rows: different keep rates are a confound, and rows beyond the smallest arm are not used", fewest, most))
	}
	if cfg.Rows == audit.ShareRows {
		r.Warnings = append(r.Warnings, "all replicates share the rows, so the interval and the p-value over replicates are conditional on these data sets")
	}
	return r
}

// kind describes the JSON of a report.
var kind = jsondoc.Kind[Report]{
	Name: "factorial report", Schema: Schema,
	Fields: func(r *Report) jsondoc.Fields {
		return jsondoc.Fields{Schema: r.Schema, Version: r.Version, Digest: &r.Digest}
	},
	Forget: func(r *Report) {
		for i := range r.Arms {
			r.Arms[i].Data.ForgetNames()
		}
		if r.Control != nil {
			r.Control.ForgetNames()
		}
	},
}

func (r *Report) seal() error { return kind.SetDigest(r) }

// Verify reports whether the digest is that of the content. The names of data sets, which may be
// names of files, are not part of the digest.
func (r *Report) Verify() bool { return kind.Verify(r) }

// ReadReport reads the JSON of a report and checks it as [audit.ReadReport] does: every number that
// follows from the lifts and from γ of each replicate is computed again.
func ReadReport(r io.Reader) (*Report, error) {
	report, err := kind.Read(r)
	if err != nil {
		return nil, fmt.Errorf("factorial: report: %w", err)
	}
	if err := report.consistent(); err != nil {
		return nil, fmt.Errorf("factorial: report: %w", err)
	}
	return report, nil
}
