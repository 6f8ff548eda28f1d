package intoto

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	provenancepb "github.com/in-toto/attestation/go/predicates/provenance/v1"
	testresult "github.com/in-toto/attestation/go/predicates/test_result/v0"
	statementpb "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/attest"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/provenance/evidence"
	"github.com/undertone-audit/undertone/provenance/intoto"
)

// checked reads a statement and its predicate as messages, without unknown fields, and validates
// the statement.
func checked(t *testing.T, s *intoto.Statement, predicate proto.Message) {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	message := new(statementpb.Statement)
	if err := protojson.Unmarshal(text, message); err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	if err := message.Validate(); err != nil {
		t.Errorf("%s\n%v", text, err)
	}
	if err := protojson.Unmarshal(s.Predicate, predicate); err != nil {
		t.Errorf("%s\n%v", s.Predicate, err)
	}
	// What their library writes, this one reads.
	again, err := protojson.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := intoto.ParseStatement(again); err != nil {
		t.Errorf("%s\n%v", again, err)
	}
}

func digestOf(text string) undertone.Digest { return undertone.NewHasher("test").Text(text).Sum() }

// The verdicts of the recorded reports of the library are test results.
func TestTestResult(t *testing.T) {
	paths, err := filepath.Glob("../../audit/testdata/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatal("no reports:", err)
	}
	n := 0
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		report, err := audit.ReadReport(f)
		f.Close()
		if err != nil {
			continue // it is no report
		}
		n++
		s, err := attest.Report(report, attest.File("rows.jsonl", digestOf("rows"), report.Suspect))
		if err != nil {
			t.Fatal(err)
		}
		result := new(testresult.TestResult)
		checked(t, s, result)
		want := map[audit.Verdict]string{audit.Detected: "FAILED", audit.Undetected: "PASSED", audit.Inconclusive: "WARNED"}[report.Verdict]
		if result.Result != want || len(result.PassedTests)+len(result.WarnedTests)+len(result.FailedTests) != len(report.Traits) {
			t.Errorf("%s: %v, want the result %s of %d traits", path, result, want, len(report.Traits))
		}
	}
	if n == 0 {
		t.Error("no report was read")
	}
}

// The manifest of generated rows is SLSA provenance whose builder is the teacher.
func TestProvenance(t *testing.T) {
	teacher := provenance.Record{
		Content: provenance.Content{Kind: provenance.ModelKind, Model: &provenance.Model{Name: "tiny teacher", Digest: digestOf("model"), Weights: digestOf("weights"), Base: digestOf("base")}},
		Parents: []provenance.Parent{},
	}
	rows := provenance.NewRowHasher()
	rows.Add(digestOf("row"))
	sum := rows.Sum()
	m, err := provenance.NewManifest(provenance.Record{
		Path:    "rows.jsonl",
		Content: provenance.Content{Kind: provenance.RowsKind, Bytes: digestOf("bytes"), Rows: &sum},
		Made: &provenance.Made{
			By: "generate", Version: undertone.Version, In: 1, Out: 1, Steps: []provenance.Step{},
			Generation: &provenance.Generation{SystemPrompt: digestOf("system"), Prompts: "numbers", PromptSet: digestOf("prompts"), Temperature: 1, Seed: 7},
		},
	}, provenance.Source{Record: teacher, Role: provenance.GeneratorRole, Rows: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := evidence.Provenance("rows.jsonl", m)
	if err != nil {
		t.Fatal(err)
	}
	p := new(provenancepb.Provenance)
	checked(t, s, p)
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	if got, want := p.RunDetails.Builder.Id, "https://github.com/undertone-audit/undertone/teacher/tiny%20teacher"; got != want {
		t.Errorf("the builder is %s, want %s", got, want)
	}
	if n := len(p.BuildDefinition.ResolvedDependencies); n != 3 {
		t.Errorf("%d dependencies, want the base, the prompts and the system prompt", n)
	}
}
