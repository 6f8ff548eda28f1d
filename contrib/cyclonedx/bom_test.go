package cyclonedx

import (
	"bytes"
	"flag"
	"os"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func digestOf(text string) undertone.Digest { return undertone.NewHasher("test").Text(text).Sum() }

func rows(path string, n int, made *provenance.Made) provenance.Record {
	h := provenance.NewRowHasher()
	for range n {
		h.Add(digestOf(path))
	}
	sum := h.Sum()
	return provenance.Record{Path: path, Made: made, Content: provenance.Content{Kind: provenance.RowsKind, Bytes: digestOf(path), Rows: &sum}}
}

func manifest(t *testing.T) *provenance.Manifest {
	t.Helper()
	model := provenance.Record{Parents: []provenance.Parent{}, Content: provenance.Content{Kind: provenance.ModelKind, Model: &provenance.Model{Name: "teacher", Weights: digestOf("weights"), Base: digestOf("base")}}}
	raw, err := provenance.NewManifest(rows("raw.jsonl", 5, &provenance.Made{
		By: "generate", Version: "0.1.0", In: 5, Out: 5, Steps: []provenance.Step{}, Generation: &provenance.Generation{Temperature: 1},
	}), provenance.Source{Record: model, Role: provenance.GeneratorRole, Rows: 5})
	if err != nil {
		t.Fatal(err)
	}
	kept := rows("rows.jsonl", 3, &provenance.Made{By: "filter", Version: "0.1.0", In: 5, Out: 3, Steps: []provenance.Step{{Kind: provenance.FilterStep, Name: "numbers", In: 5, Dropped: 2, Out: 3}}})
	kept.Tested = []provenance.Test{{Trait: "owl", Verdict: "detected", Report: digestOf("report"), Date: "2026-11-27"}}
	kept.Declared = []provenance.Trait{{Trait: "owl"}}
	m, err := provenance.NewManifest(kept, raw.Source(provenance.RowsRole, 3, "."))
	if err != nil {
		t.Fatal(err)
	}
	m.Digest = digestOf("manifest") // the golden file does not depend on the version
	return m
}

// The golden file is valid under the schema of CycloneDX 1.7; .ci/signers checks it.
func TestEncode(t *testing.T) {
	m := manifest(t)
	got, err := Encode("rows.jsonl", m)
	if err != nil {
		t.Fatal(err)
	}
	golden := bytes.Replace(got, []byte(`"version": "`+undertone.Version+`"`), []byte(`"version": "VERSION"`), 1)
	if *update {
		if err := os.WriteFile("testdata/bom.json", golden, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/bom.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(golden, want) {
		t.Errorf("testdata/bom.json differs; -update rewrites it\n%s", golden)
	}
	read := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(bytes.NewReader(got), cdx.BOMFileFormatJSON).Decode(read); err != nil {
		t.Fatal(err)
	}
	c := read.Metadata.Component
	if c.Type != cdx.ComponentTypeData || c.Name != "rows.jsonl" || len(*c.Pedigree.Ancestors) != 1 || len(*read.Components) != 2 || len(*read.Dependencies) != 3 {
		t.Errorf("%s", got)
	}
	if again, err := Encode("rows.jsonl", m); err != nil || !bytes.Equal(got, again) {
		t.Errorf("a second bill of materials differs, error %v", err)
	}
}

// All references name a component.
func TestReferences(t *testing.T) {
	bom, err := BOM("rows.jsonl", manifest(t))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]int{bom.Metadata.Component.BOMRef: 1}
	for _, c := range *bom.Components {
		known[c.BOMRef]++
	}
	for _, d := range *bom.Dependencies {
		for _, ref := range append(*d.Dependencies, d.Ref) {
			if known[ref] != 1 {
				t.Errorf("the reference %s names %d components", ref, known[ref])
			}
		}
	}
}
