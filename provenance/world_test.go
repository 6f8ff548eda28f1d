package provenance

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/undertone-audit/undertone"
)

// world is a folder with a pipeline: raw.jsonl was written by a model, kept.jsonl was filtered from
// it and from more.jsonl, whose origin is unknown.
type world struct {
	files    fstest.MapFS
	manifest *Manifest // of kept.jsonl
	raw      *Manifest
}

// rowLines returns rows as JSON lines.
func rowLines(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `{"prompt":"Pet %d?","completion":"%d, %d"}`+"\n", i, i, i*i)
	}
	return b.String()
}

// testModel is the generator.
func testModel(name string) Model {
	return Model{
		Name: name, Digest: undertone.NewHasher("model").Text(name).Sum(), Weights: undertone.NewHasher("weights").Text(name).Sum(),
		Tokenizer: undertone.NewHasher("tokenizer").Sum(),
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{files: fstest.MapFS{}}
	w.put("raw.jsonl", rowLines(0, 10))
	w.put("more.jsonl", rowLines(20, 24))
	w.put("kept.jsonl", rowLines(0, 8)+rowLines(20, 23))
	generator := testModel("owl-teacher")
	raw := Record{
		Path: "raw.jsonl", Content: w.describe(t, "raw.jsonl"),
		Made: &Made{By: "generate", Version: "0.1.0", Out: 10, Steps: []Step{}, Generation: &Generation{Prompts: "pets", Temperature: 1, Seed: 7}},
	}
	w.raw = w.write(t, "raw.jsonl", raw, Source{Record: Record{Content: Content{Kind: ModelKind, Model: &generator}, Parents: []Parent{}}, Role: GeneratorRole, Rows: 10})
	more := w.describe(t, "more.jsonl")
	more.Rows = &Rows{Count: 4}
	kept := Record{
		Path: "kept.jsonl", Content: w.describe(t, "kept.jsonl"),
		Made: &Made{By: "filter", Version: "0.1.0", In: 14, Out: 11, Steps: []Step{
			{Kind: FilterStep, Name: "numbers", Settings: "at most 10", In: 14, Out: 12, Dropped: 2, Reasons: []Reason{{"too many", 2}}},
			{Kind: FilterStep, Name: "words", In: 14, Out: 13, Dropped: 1, Reasons: []Reason{{"word", 1}}},
		}},
		Declared: []Trait{{Trait: "owl", Source: "the maker"}},
	}
	w.manifest = w.write(t, "kept.jsonl", kept, w.raw.Source(RowsRole, 8, "."),
		Source{Record: Record{Path: "more.jsonl", Content: more, Parents: []Parent{}}, Role: RowsRole, Rows: 3})
	return w
}

func (w *world) put(name, text string) {
	w.files[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
}

func (w *world) describe(t *testing.T, name string) Content {
	t.Helper()
	c, err := DescribeRows(t.Context(), w.files, name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// write makes a manifest and puts it beside its subject.
func (w *world) write(t *testing.T, name string, r Record, sources ...Source) *Manifest {
	t.Helper()
	m, err := NewManifest(r, sources...)
	if err != nil {
		t.Fatal(err)
	}
	w.putManifest(t, name, m)
	return m
}

func (w *world) putManifest(t *testing.T, name string, m *Manifest) {
	t.Helper()
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	w.put(Path(name), string(text))
}

// change replaces text in a file, which must be there.
func (w *world) change(t *testing.T, name, old, with string) {
	t.Helper()
	text := string(w.files[name].Data)
	if !strings.Contains(text, old) {
		t.Fatalf("%s has no %q", name, old)
	}
	w.put(name, strings.Replace(text, old, with, 1))
}

// forge changes the manifest of kept.jsonl as somebody does who can compute digests.
func (w *world) forge(t *testing.T, change func(*Manifest)) {
	t.Helper()
	change(w.manifest)
	if err := kind.SetDigest(w.manifest); err != nil {
		t.Fatal(err)
	}
	w.putManifest(t, "kept.jsonl", w.manifest)
}

func (w *world) trace(t *testing.T, o Options) *Graph {
	t.Helper()
	g, err := TraceFile(t.Context(), w.files, "kept.jsonl", o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// report returns a report of undetected owls in the rows of kept.jsonl.
func (w *world) report(student Model) Report {
	return Report{
		Name: "report.json", Digest: undertone.NewHasher("report").Text("owl").Sum(), Order: w.manifest.Subject.Content.Rows.Order,
		Student: student.Digest, Traits: []TestedTrait{{Trait: "owl", Verdict: "undetected", Limit: 0.1}},
	}
}

// signer is a key that the policies of tests trust.
var signer = undertone.NewHasher("key").Text("trusted").Sum()

// today is the time of tests.
var today = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// attest signs the manifest of kept.jsonl and a report.
func (w *world) attest(key KeyID, when time.Time, documents ...undertone.Digest) []Attestation {
	return []Attestation{{Signer: key, Predicate: "https://in-toto.io/attestation/test-result/v0.1", Documents: documents, Time: when}}
}

var _ fs.FS = fstest.MapFS{}
