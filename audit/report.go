package audit

import (
	"encoding/json"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/student"
)

// Schema names the form of a report's JSON; docs/report-v1.md describes it.
const Schema = "undertone.report/1"

// Report is the record of an audit: what was asked, how, and what was found. It
// holds no time and no path, so that equal audits have equal reports.
type Report struct {
	Schema  string           `json:"schema"`
	Version string           `json:"version"` // of the library
	Digest  undertone.Digest `json:"digest"`  // of the report with this field at zero
	Verdict Verdict          `json:"verdict"`

	Suspect DataNote         `json:"suspect"`
	Control DataNote         `json:"control"`
	Student undertone.Digest `json:"student"`                // of the untrained weights
	Called  string           `json:"student_name,omitempty"` // absent if it has no name
	Engine  string           `json:"engine"`                 // what computed

	// Rendered shows the first row of each arm as the student sees it, so that nothing that a chat
	// template adds stays unseen; null if the student has no [student.Renderer], or refuses these rows.
	Rendered *Rendered `json:"rendered,omitempty"`

	Design    Design         `json:"design"`
	Recipe    student.Recipe `json:"recipe"` // seed 0: each replicate has its own
	Detectors []DetectorNote `json:"detectors"`
	Traits    []TraitVerdict `json:"traits"`   // the verdict on each
	Findings  []Finding      `json:"findings"` // of each detector on each trait; never null
	Evidence  []Evidence     `json:"evidence"` // of the detectors that compare the arms; never null
	Warnings  []string       `json:"warnings"` // never null
}

// Design is the shape of the experiment, fixed before it ran.
type Design struct {
	Replicates       int     `json:"replicates"`        // at most, if there is more than one look
	ReplicatesNeeded int     `json:"replicates_needed"` // for the smallest p to reach alpha
	LookEvery        int     `json:"look_every"`        // pairs; 0: one look
	Tests            int     `json:"tests"`             // traits × detectors, over which alpha is kept
	Rows             RowPlan `json:"rows"`
	Alpha            float64 `json:"alpha"`
	Seed             uint64  `json:"seed"`
}

// DetectorNote says what a detector of the audit does, sees and cannot see.
type DetectorNote struct {
	Name        string `json:"name"`
	Doc         string `json:"doc"`
	Sees        string `json:"sees"`
	Limitations string `json:"blind"`
}

func newReport(cfg *Pass) *Report {
	r := &Report{
		Schema: Schema, Version: undertone.Version,
		Suspect: note(cfg.Suspect), Control: note(cfg.Control),
		Student: cfg.Student.Digest(), Engine: engine(cfg.Student),
		Design: Design{
			Replicates: cfg.Replicates, ReplicatesNeeded: stats.MinPairs(cfg.Alpha, cfg.Tests),
			LookEvery: cfg.InterimEvery, Tests: cfg.Tests,
			Rows: cfg.Rows, Alpha: cfg.Alpha, Seed: cfg.Seed,
		},
		Recipe: cfg.Recipe, Findings: []Finding{}, Evidence: []Evidence{}, Warnings: []string{},
	}
	r.Recipe.Seed = 0
	if m, ok := cfg.Student.(undertone.Model); ok {
		r.Called = m.Name()
	}
	r.Rendered = render(cfg)
	if ratio := float64(r.Suspect.Rows) / float64(r.Control.Rows); ratio < 0.8 || ratio > 1.25 {
		r.warn("the arms differ in size, %d rows against %d: different keep rates are a confound, and rows beyond the smaller arm are not used", r.Suspect.Rows, r.Control.Rows)
	}
	if cfg.Rows == ShareRows {
		r.warn("all replicates share the rows, so p-values are conditional on these two data sets")
	}
	return r
}

func (r *Report) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

func (r *Report) seal() error { return seal("report", r, &r.Digest) }

// Verify reports whether the digest is that of the content.
func (r *Report) Verify() bool {
	again := *r
	return again.seal() == nil && again.Digest == r.Digest
}

// seal sets the digest of a report, which is a field of it. It fails if a number is not finite. The
// report becomes what a reader of its JSON gets, which is another one if a name is not UTF-8.
func seal[R any](kind string, report *R, digest *undertone.Digest) error {
	*digest = undertone.Digest{}
	form, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	var read R
	if err := json.Unmarshal(form, &read); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if form, err = json.Marshal(read); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	*report = read
	*digest = undertone.NewHasher(kind).Text(string(form)).Sum()
	return nil
}
