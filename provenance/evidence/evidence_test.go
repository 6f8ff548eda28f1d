package evidence_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/evidence"
	"github.com/undertone-audit/undertone/provenance/intoto"
	"github.com/undertone-audit/undertone/provenance/keys"
)

var now = time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)

func digestOf(text string) undertone.Digest { return undertone.NewHasher("test").Text(text).Sum() }

func key(t *testing.T) *keys.Private {
	t.Helper()
	k, err := keys.Generate(keys.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// verdict returns a statement about rows and a report.
func verdict(t *testing.T) *intoto.Statement {
	t.Helper()
	report := intoto.ResourceDescriptor{Name: "report", Digest: evidence.Digests(map[string]undertone.Digest{intoto.UndertoneReport: digestOf("report")})}
	s, err := intoto.NewStatement(intoto.TestResultType, intoto.TestResult{Result: intoto.Passed, Configuration: []intoto.ResourceDescriptor{report}},
		evidence.File("rows.jsonl", digestOf("rows"), nil))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t *testing.T, s *intoto.Statement, at time.Time, with ...*keys.Private) (*evidence.Opened, error) {
	t.Helper()
	e, err := s.Sign(with...)
	if err != nil {
		t.Fatal(err)
	}
	var trust dsse.Trust
	for _, k := range with {
		trust.Keys = append(trust.Keys, k.Public())
	}
	return evidence.Open(e, trust, at)
}

// Each signer gives one attestation, for the files and the documents that the statement names.
func TestAttestations(t *testing.T) {
	a, b := key(t), key(t)
	s := verdict(t)
	evidence.Validity{SignedAt: now}.Annotate(s)
	o, err := open(t, s, now, a, b)
	if err != nil {
		t.Fatal(err)
	}
	want := provenance.Attestation{
		Predicate: intoto.TestResultType, Subjects: []undertone.Digest{digestOf("rows")}, Documents: []undertone.Digest{digestOf("report")}, Time: now,
	}
	got := o.Attestations()
	if len(got) != 2 {
		t.Fatalf("%d attestations, want 2", len(got))
	}
	for i, k := range []*keys.Private{a, b} {
		want.Signer = k.ID()
		if !reflect.DeepEqual(got[i], want) {
			t.Errorf("%+v, want %+v", got[i], want)
		}
	}
}

// A test result FAILED names what was detected, and any statement the data sets that it is about.
func TestDetected(t *testing.T) {
	for name, c := range map[string]struct {
		result intoto.TestResult
		want   []string
	}{
		"passed":               {intoto.TestResult{Result: intoto.Passed, PassedTests: []string{"owl"}}, nil},
		"failed":               {intoto.TestResult{Result: intoto.Failed, FailedTests: []string{"owl"}}, []string{"owl"}},
		"failed without tests": {intoto.TestResult{Result: intoto.Failed}, []string{""}},
		"passed with a failed": {intoto.TestResult{Result: intoto.Passed, FailedTests: []string{"owl"}}, []string{"owl"}},
	} {
		s, err := intoto.NewStatement(intoto.TestResultType, c.result, evidence.File("rows.jsonl", digestOf("file"),
			evidence.Digests(map[string]undertone.Digest{intoto.UndertoneRows: digestOf("rows")})))
		if err != nil {
			t.Fatal(err)
		}
		o, err := open(t, s, now, key(t))
		if err != nil {
			t.Fatal(err)
		}
		if a := o.Attestations()[0]; !reflect.DeepEqual(a.Detected, c.want) || !reflect.DeepEqual(a.Rows, []undertone.Digest{digestOf("rows")}) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestValidity(t *testing.T) {
	for reason, c := range map[string]struct {
		v    evidence.Validity
		want string
	}{
		"no times":             {evidence.Validity{}, ""},
		"before the end":       {evidence.Validity{SignedAt: now.AddDate(0, 0, -1), Expires: now.Add(time.Second)}, ""},
		"at the end":           {evidence.Validity{Expires: now}, "it expired on 2026-11-27T10:00:00Z"},
		"after the end":        {evidence.Validity{Expires: now.AddDate(0, 0, -1)}, "it expired on"},
		"a clock that is fast": {evidence.Validity{SignedAt: now.Add(time.Minute)}, ""},
		"the future":           {evidence.Validity{SignedAt: now.Add(time.Hour)}, "which is in the future"},
	} {
		s := verdict(t)
		c.v.Annotate(s)
		o, err := open(t, s, now, key(t))
		if c.want == "" && (err != nil || !o.Validity.Expires.Equal(c.v.Expires) || !o.Validity.SignedAt.Equal(c.v.SignedAt)) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %+v, error %v, want %q", reason, o, err, c.want)
		}
	}
}

// A time that cannot be read, or a predicate that cannot be read, is refused: an expired statement
// must not become one without an end.
func TestOpenRefuses(t *testing.T) {
	for reason, c := range map[string]struct {
		change func(*intoto.Statement)
		want   string
	}{
		"a time of another form": {func(s *intoto.Statement) { s.Subject[0].Annotations = map[string]any{"undertone.expires": "tomorrow"} }, "want a time"},
		"a time that is no text": {func(s *intoto.Statement) { s.Subject[0].Annotations = map[string]any{"undertone.expires": 7} }, "want a time"},
		"another predicate type": {func(s *intoto.Statement) { s.PredicateType = "https://example.com/v1" }, "its predicate type is"},
		"an unknown result":      {func(s *intoto.Statement) { s.Predicate = json.RawMessage(`{"result":"GOOD"}`) }, `the result is "GOOD"`},
		"no builder": {func(s *intoto.Statement) {
			s.PredicateType = intoto.ProvenanceType
			s.Predicate = json.RawMessage(`{"buildDefinition":{"buildType":"b"}}`)
		}, "it names no builder"},
	} {
		s := verdict(t)
		c.change(s)
		if _, err := open(t, s, now, key(t)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", reason, err, c.want)
		}
	}
}

// The statement on rows that a filter wrote names its parents, and that on rows of unknown origin
// is refused.
func TestProvenance(t *testing.T) {
	rows := provenance.NewRowHasher().Sum()
	parent := provenance.Record{Path: "raw.jsonl", Content: provenance.Content{Kind: provenance.RowsKind, Bytes: digestOf("raw"), Rows: &rows}, Parents: []provenance.Parent{}}
	m, err := provenance.NewManifest(provenance.Record{
		Path: "rows.jsonl", Content: provenance.Content{Kind: provenance.RowsKind, Bytes: digestOf("rows"), Rows: &rows},
		Made: &provenance.Made{By: "filter", Version: "0.1.0", Steps: []provenance.Step{}},
	}, provenance.Source{Record: parent, Role: provenance.RowsRole})
	if err != nil {
		t.Fatal(err)
	}
	s, err := evidence.Provenance("rows.jsonl", m)
	if err != nil {
		t.Fatal(err)
	}
	o, err := open(t, s, now, key(t))
	if err != nil {
		t.Fatal(err)
	}
	if a := o.Attestations()[0]; !reflect.DeepEqual(a.Documents, []undertone.Digest{m.Digest}) || !reflect.DeepEqual(a.Subjects, []undertone.Digest{digestOf("rows")}) {
		t.Errorf("%+v", a)
	}
	p, err := s.Provenance()
	if err != nil || len(p.BuildDefinition.ResolvedDependencies) != 1 || p.BuildDefinition.ResolvedDependencies[0].Name != "raw.jsonl" {
		t.Errorf("%+v, error %v", p, err)
	}
	unknown, err := provenance.NewManifest(parent)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.Provenance("raw.jsonl", unknown); err == nil || !strings.Contains(err.Error(), "does not say how it was made") {
		t.Errorf("rows of unknown origin: error %v", err)
	}
}
