package audit

import (
	"cmp"
	"fmt"
	"io"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/internal/jsondoc"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/student"
)

// Schema names the JSON form of a [Report]; docs/report-v2.md describes it.
const Schema = "undertone.report/2"

// Report is the record of an audit: what was asked, how, and what was found. It holds no time and
// no path, so that equal audits have equal reports.
type Report struct {
	Schema  string           `json:"schema"`
	Version string           `json:"version"` // of the library
	Digest  undertone.Digest `json:"digest"`  // of the report with this field at zero and without names of data sets and of the student
	Verdict Verdict          `json:"verdict"` // on the data set

	Suspect     DataInfo         `json:"suspect"`
	Control     DataInfo         `json:"control"`
	Student     undertone.Digest `json:"student"`                // of the untrained weights
	StudentName string           `json:"student_name,omitempty"` // absent if it has none
	Engine      string           `json:"engine"`                 // what computed, such as "avx512"

	// Lineage relates the student to the model that wrote the suspect rows. It is absent if that
	// model was not declared.
	Lineage *Lineage `json:"lineage,omitempty"`

	// Trainer is the program that trained the students. It is absent if the student trained itself.
	Trainer *student.TrainerInfo `json:"trainer,omitempty"`

	// Rendered shows the first row of each arm as the student sees it, with everything that its
	// chat template adds. It is absent if the student does not implement [student.Renderer] or
	// refuses these rows.
	Rendered *Rendered `json:"rendered,omitempty"`

	// Confounds compares the arms in what is no trait. It is absent if the rows are no text.
	Confounds *Confounds `json:"confounds,omitempty"`

	Design    DesignInfo     `json:"design"`
	Recipe    student.Recipe `json:"recipe"` // seed 0: each replicate has its own
	Detectors []DetectorInfo `json:"detectors"`
	Traits    []TraitVerdict `json:"traits"`   // the verdict on each trait
	Findings  []Finding      `json:"findings"` // of each detector on each trait, detector by detector; never null
	Evidence  []Evidence     `json:"evidence"` // of the detectors that compare the arms; never null
	Warnings  []string       `json:"warnings"` // never null
}

// DesignInfo is the design of an audit with what follows from it.
type DesignInfo struct {
	Design
	Tests            int `json:"tests"`             // traits × detectors, over which alpha is kept
	ReplicatesNeeded int `json:"replicates_needed"` // pairs with which the smallest p-value reaches alpha over Tests
}

// DetectorInfo says what a detector of the audit does, observes and cannot see.
type DetectorInfo struct {
	Name        string `json:"name"`
	Doc         string `json:"doc"`
	Observes    string `json:"observes"`
	Limitations string `json:"limitations"`
	Clears      bool   `json:"clears"` // can clear a trait
}

func newReport(pass *Pass, confounds *Confounds) *Report {
	cfg := pass.cfg
	r := &Report{
		Schema: Schema, Version: undertone.Version,
		Suspect: pass.shared.suspect, Control: pass.shared.control,
		Student: cfg.Student.Digest(), Engine: replicate.Engine(cfg.Student), Confounds: confounds,
		Design:    DesignInfo{cfg.Design, cfg.tests(), pass.ReplicatesNeeded},
		Recipe:    cfg.Recipe,
		Detectors: []DetectorInfo{}, Findings: []Finding{}, Evidence: []Evidence{}, Warnings: append([]string{}, cfg.Caveats...),
	}
	r.Recipe.Seed = 0
	if m, ok := cfg.Student.(undertone.Model); ok {
		r.StudentName = m.Name()
	}
	r.rendered(cfg)
	if ratio := float64(r.Suspect.Rows) / float64(r.Control.Rows); ratio < 0.8 || ratio > 1.25 {
		r.warn("the arms differ in size, %d rows against %d: different keep rates are a confound, and students are trained on as many rows of each arm as the smaller has", r.Suspect.Rows, r.Control.Rows)
	}
	for _, d := range []DataInfo{r.Suspect, r.Control} {
		if d.Used > 0 {
			r.warn("the audit sees %d of the %d rows of %s, chosen by prompt", d.Used, d.Rows, d.Name)
		}
	}
	if seen := cmp.Or(r.Suspect.Used, r.Suspect.Rows); float64(r.Suspect.Shared) > provenance.MaxShared*float64(seen) {
		r.warn("the control has %d of the %d suspect rows too: the verdict is about the others, because students of both arms learn the shared rows", r.Suspect.Shared, seen)
	}
	for _, found := range confounds.found(confounds.accepted()) {
		r.warn("accepted: the arms differ in %s", found)
	}
	r.Warnings = append(r.Warnings, pass.shared.longRows...)
	if n := samplesOf(cfg.Student); n > 0 {
		r.warn("answers are counted in %d sampled completions per question, not scored: a rate has a binomial standard error of at most %.3f per student and question, which is part of the differences between replicates", n, 0.5/math.Sqrt(float64(n)))
	}
	if cfg.Alpha > 0.1 {
		r.warn("alpha is %g: an audit of clean rows detects a trait with up to this chance, and intervals have the level %g", cfg.Alpha, Level{Alpha: cfg.Alpha}.Confidence())
	}
	if cfg.Rows == ShareRows && cfg.InterimEvery > 0 {
		r.warn("all replicates share the rows, so p-values are conditional on these two data sets")
	}
	return r
}

// conclude fills in the verdicts on the traits and on the data set.
func (r *Report) conclude(cfg Config) {
	r.Traits = make([]TraitVerdict, len(cfg.Traits))
	for t, trait := range cfg.Traits {
		r.Traits[t].Trait, r.Traits[t].Probes = trait.Name, trait.digest()
	}
	r.Traits = r.judgeTraits()
	for _, e := range r.Evidence {
		if e.Differ {
			r.warn("%s: %s; this is a fingerprint of the source, of a filter or of a trait, and does not say which", e.Detector, e.Statement)
		}
	}
	r.Verdict = judgeData(r.Traits)
	if trained, ok := cfg.Student.(student.ExternallyTrained); ok {
		info := trained.TrainerInfo()
		r.Trainer = &info
	}
}

// judgeTraits returns the verdicts on the traits that follow from the findings and from the
// comparison of the arms.
func (r *Report) judgeTraits() []TraitVerdict {
	clears, verdicts := r.clears(), make([]TraitVerdict, len(r.Traits))
	for t, trait := range r.Traits {
		verdicts[t] = judgeConfounds(judgeTrait(trait.Trait, r.About(t), clears), r.Confounds)
		verdicts[t].Probes = trait.Probes
	}
	return verdicts
}

// clears names the detectors that can clear a trait.
func (r *Report) clears() map[string]bool {
	clears := map[string]bool{}
	for _, d := range r.Detectors {
		clears[d.Name] = d.Clears
	}
	return clears
}

// About returns the findings of all detectors about trait t.
func (r *Report) About(t int) []Finding {
	var about []Finding
	for ; t < len(r.Findings); t += len(r.Traits) {
		about = append(about, r.Findings[t])
	}
	return about
}

func (r *Report) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

// kind describes the JSON of a report.
var kind = jsondoc.Kind[Report]{
	Name: "report", Schema: Schema,
	Fields: func(r *Report) jsondoc.Fields {
		return jsondoc.Fields{Schema: r.Schema, Version: r.Version, Digest: &r.Digest}
	},
	Forget: func(r *Report) {
		r.Suspect.ForgetNames()
		r.Control.ForgetNames()
		r.StudentName = ""
		if r.Lineage != nil {
			r.Lineage.Generator = ""
		}
		for i := range r.Findings {
			if c := r.Findings[i].PositiveControl; c != nil {
				c.Data.ForgetNames()
			}
		}
	},
}

func (r *Report) seal() error { return kind.SetDigest(r) }

// Verify reports whether the digest is that of the content. The names of data sets and of the
// student, which may be names of files, are not part of the digest.
func (r *Report) Verify() bool { return kind.Verify(r) }

// ReadReport reads the JSON of a report, of at most 64 MiB. It refuses text that is not a report
// of this schema, that two readers could understand in different ways, such as an object with a
// field twice, and that does not have the digest of its content. The digest shows that a report was
// not damaged; it does not show who wrote it. ReadReport also refuses a report that contradicts
// itself: the verdict must follow from the traits, these from the findings, and these from their
// numbers, by the rules of an audit. Warnings are text of the writer, and so are the reasons of a
// report by another version of the library.
func ReadReport(r io.Reader) (*Report, error) {
	report, err := kind.Read(r)
	if err != nil {
		return nil, fmt.Errorf("audit: report: %w", err)
	}
	if err := report.consistent(); err != nil {
		return nil, fmt.Errorf("audit: report: %w", err)
	}
	return report, nil
}

// SchemaOf returns the field "schema" of the JSON of a report of any kind, or "" if it has none.
// The text may be no valid report.
func SchemaOf(text []byte) string { return jsondoc.SchemaOf(text) }
