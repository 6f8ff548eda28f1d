package attest_test

import (
	"os"
	"reflect"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/attest"
	"github.com/undertone-audit/undertone/audit/factorial"
	"github.com/undertone-audit/undertone/provenance/evidence"
	"github.com/undertone-audit/undertone/provenance/intoto"
)

func read[R any](t *testing.T, path string, with func(*os.File) (R, error)) R {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	report, err := with(f)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func report(t *testing.T) *audit.Report {
	return read(t, "../testdata/detected.json", func(f *os.File) (*audit.Report, error) { return audit.ReadReport(f) })
}

func TestReport(t *testing.T) {
	r := report(t)
	for verdict, want := range map[audit.Verdict]intoto.Result{audit.Detected: intoto.Failed, audit.Undetected: intoto.Passed, audit.Inconclusive: intoto.Warned} {
		r.Verdict = verdict
		r.Traits = []audit.TraitVerdict{{Trait: "a", Verdict: audit.Detected}, {Trait: "b", Verdict: audit.Undetected}, {Trait: "c", Verdict: audit.Inconclusive}}
		s, err := attest.Report(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.TestResult()
		if err != nil {
			t.Fatal(err)
		}
		if got.Result != want || !reflect.DeepEqual([][]string{got.FailedTests, got.PassedTests, got.WarnedTests}, [][]string{{"a"}, {"b"}, {"c"}}) {
			t.Errorf("%s: %+v, want %s", verdict, got, want)
		}
	}
}

// The subject is the data set of the report, or the files that hold it. The configuration names the
// report.
func TestSubjects(t *testing.T) {
	r := report(t)
	rows := evidence.Digests(map[string]undertone.Digest{intoto.UndertoneRows: r.Suspect.Digest})
	s, err := attest.Report(r)
	if err != nil || !reflect.DeepEqual(s.Subject, []intoto.ResourceDescriptor{{Name: r.Suspect.Name, Digest: rows}}) {
		t.Errorf("%+v, error %v", s, err)
	}
	file := attest.File("rows.jsonl", undertone.Digest{1}, r.Suspect)
	if s, err = attest.Report(r, file); err != nil || len(s.Subject) != 1 || s.Subject[0].Name != "rows.jsonl" {
		t.Errorf("%+v, error %v", s, err)
	}
	if _, err := s.About(rows); err != nil {
		t.Error(err)
	}
	result, err := s.TestResult()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := result.Configuration[0].Digest, evidence.Digests(map[string]undertone.Digest{intoto.UndertoneReport: r.Digest}); !reflect.DeepEqual(got, want) {
		t.Errorf("the report has the digest %v, want %v", got, want)
	}
}

// A factorial report is about all its arms, and passes none.
func TestFactorialReport(t *testing.T) {
	r := read(t, "../factorial/testdata/detected.json", func(f *os.File) (*factorial.Report, error) { return factorial.ReadReport(f) })
	s, err := attest.FactorialReport(r)
	if err != nil {
		t.Fatal(err)
	}
	result, err := s.TestResult()
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Subject) != len(r.Arms) || result.Result != intoto.Failed || len(result.FailedTests) != len(r.Arms) || len(result.PassedTests) > 0 {
		t.Errorf("%+v %+v", s, result)
	}
}
