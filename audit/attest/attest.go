// Package attest makes in-toto statements of the reports of audits.
package attest

import (
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/factorial"
	"github.com/undertone-audit/undertone/provenance/evidence"
	"github.com/undertone-audit/undertone/provenance/intoto"
)

// Report returns a test-result statement of a report about files of the suspect rows. Without files
// the subject is the data set as the report names it. The result is PASSED, FAILED or WARNED for
// undetected, detected or inconclusive. The tests are the traits.
func Report(r *audit.Report, files ...intoto.ResourceDescriptor) (*intoto.Statement, error) {
	result := intoto.TestResult{
		Result:        results[r.Verdict],
		Configuration: configuration(r.Schema, r.Version, r.Digest, r.Student, r.StudentName, &r.Control),
	}
	for _, t := range r.Traits {
		switch t.Verdict {
		case audit.Undetected:
			result.PassedTests = append(result.PassedTests, t.Trait)
		case audit.Detected:
			result.FailedTests = append(result.FailedTests, t.Trait)
		default:
			result.WarnedTests = append(result.WarnedTests, t.Trait)
		}
	}
	return statement(result, files, r.Suspect)
}

// FactorialReport returns a test-result statement of a factorial report about files of its arms.
// Without files the subjects are the data sets as the report names them. A factorial audit clears
// nothing, so the result is FAILED or WARNED.
func FactorialReport(r *factorial.Report, files ...intoto.ResourceDescriptor) (*intoto.Statement, error) {
	result := intoto.TestResult{
		Result:        results[r.Verdict],
		Configuration: configuration(r.Schema, r.Version, r.Digest, r.Student, "", r.Control),
	}
	var arms []audit.DataInfo
	for _, a := range r.Arms {
		arms = append(arms, a.Data)
		if r.Verdict == audit.Detected {
			result.FailedTests = append(result.FailedTests, a.Trait)
		} else {
			result.WarnedTests = append(result.WarnedTests, a.Trait)
		}
	}
	return statement(result, files, arms...)
}

var results = map[audit.Verdict]intoto.Result{
	audit.Undetected: intoto.Passed, audit.Detected: intoto.Failed, audit.Inconclusive: intoto.Warned,
}

func statement(result intoto.TestResult, files []intoto.ResourceDescriptor, suspects ...audit.DataInfo) (*intoto.Statement, error) {
	if result.Result == "" {
		return nil, errors.New("attest: the report has no verdict")
	}
	subjects := files
	if len(subjects) == 0 {
		for _, d := range suspects {
			subjects = append(subjects, data(d))
		}
	}
	s, err := intoto.NewStatement(intoto.TestResultType, result, subjects...)
	if err != nil {
		return nil, fmt.Errorf("attest: %w", err)
	}
	return s, nil
}

// File returns the descriptor of a file whose rows are those of d.
func File(name string, bytes undertone.Digest, d audit.DataInfo) intoto.ResourceDescriptor {
	return evidence.File(name, bytes, data(d).Digest)
}

func data(d audit.DataInfo) intoto.ResourceDescriptor {
	return intoto.ResourceDescriptor{Name: d.Name, Digest: evidence.Digests(map[string]undertone.Digest{intoto.UndertoneRows: d.Digest})}
}

// configuration lists what the verdict depends on: the report, which holds the design, the student
// and the control rows (may be nil).
func configuration(schema, version string, report, student undertone.Digest, name string, control *audit.DataInfo) []intoto.ResourceDescriptor {
	all := []intoto.ResourceDescriptor{{
		Name: "report", Digest: evidence.Digests(map[string]undertone.Digest{intoto.UndertoneReport: report}),
		MediaType: "application/json", Annotations: map[string]any{"undertone.schema": schema, "undertone.version": version},
	}, {
		Name: "student", Digest: evidence.Digests(map[string]undertone.Digest{intoto.UndertoneModel: student}),
	}}
	if name != "" {
		all[1].Annotations = map[string]any{"undertone.name": name}
	}
	if control != nil {
		all = append(all, intoto.ResourceDescriptor{Name: "control", Digest: data(*control).Digest})
	}
	return all
}
