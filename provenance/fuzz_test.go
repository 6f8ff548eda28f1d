package provenance

import (
	"bytes"
	"encoding/json"
	"testing"
	"testing/fstest"
)

// FuzzManifest reads manifests that may be hostile, and traces a file with each. What is read keeps
// its meaning when it is written, and no text leads to a panic.
func FuzzManifest(f *testing.F) {
	w := &world{files: fstest.MapFS{}}
	w.put("kept.jsonl", rowLines(0, 3))
	for _, seed := range fuzzSeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Read(bytes.NewReader(text))
		if err == nil {
			again, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			n, err := Read(bytes.NewReader(again))
			if err != nil || n.Digest != m.Digest {
				t.Fatalf("a manifest that was read is written as another one: %v", err)
			}
		}
		// The same text with the digest of its content, so that the fuzzer passes that check.
		forged := new(Manifest)
		if json.Unmarshal(text, forged) == nil && kind.SetDigest(forged) == nil {
			if text, err = json.Marshal(forged); err != nil {
				t.Fatal(err)
			}
		}
		files := fstest.MapFS{"kept.jsonl": w.files["kept.jsonl"], Path("kept.jsonl"): {Data: text, Mode: 0o644}}
		g, err := TraceFile(t.Context(), files, "kept.jsonl", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if g.Nodes[0].Content.Rows.Count != 3 {
			t.Fatalf("the subject has %d rows, want 3", g.Nodes[0].Content.Rows.Count)
		}
		p := &Policy{Schema: PolicySchema, Manifest: &ManifestRule{Required: true}, Generators: &GeneratorRule{SharedBase: Refuse}}
		if _, err := Check(p, Evidence{Graph: g}, testModel("student"), today); err != nil {
			t.Fatal(err)
		}
	})
}

// fuzzSeeds returns manifests from which the fuzzer starts.
func fuzzSeeds(f *testing.F) (seeds [][]byte) {
	w := &world{files: fstest.MapFS{}}
	w.put("kept.jsonl", rowLines(0, 3))
	c, err := DescribeRows(f.Context(), w.files, "kept.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	generator := testModel("teacher")
	source := Source{Record: Record{Path: "../x", Content: Content{Kind: ModelKind, Model: &generator}, Parents: []Parent{}}, Role: GeneratorRole, Rows: 3}
	for _, r := range []Record{
		{Path: "kept.jsonl", Content: c, Made: &Made{By: "generate", Version: "0", Out: 3, Steps: []Step{}, Generation: &Generation{}}},
		{Path: "kept.jsonl", Content: c, Made: &Made{By: "filter", Version: "0", In: 4, Out: 3, Steps: []Step{{Kind: FilterStep, Name: "n", In: 4, Out: 3, Dropped: 1, Reasons: []Reason{{"r", 1}}}}}},
	} {
		m, err := NewManifest(r, source)
		if err != nil {
			f.Fatal(err)
		}
		text, err := json.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, text)
	}
	return append(seeds, []byte(`{"schema":"undertone.manifest/1","subject":{"parents":[]},"ancestors":[]}`), nil)
}

// FuzzPolicy reads policies that may be hostile.
func FuzzPolicy(f *testing.F) {
	f.Add([]byte(`{"schema":"undertone.policy/1","audits":{"traits":[{"trait":"owl","max_limit":0.1}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ReadPolicy(bytes.NewReader(text))
		if err == nil && p.check() != nil {
			t.Error("a policy that was read is not valid")
		}
	})
}
