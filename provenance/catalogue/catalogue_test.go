package catalogue_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/provenance/catalogue"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func digestOf(text string) undertone.Digest { return undertone.NewHasher("test").Text(text).Sum() }

func rowsRecord(path string, rows int, made *provenance.Made) provenance.Record {
	h := provenance.NewRowHasher()
	for i := range rows {
		h.Add(digestOf(path + string(rune('a'+i))))
	}
	sum := h.Sum()
	return provenance.Record{Path: path, Content: provenance.Content{Kind: provenance.RowsKind, Bytes: digestOf(path), Size: 120, Rows: &sum}, Made: made, Parents: []provenance.Parent{}}
}

// manifest returns the manifest of rows that a teacher wrote, that a filter dropped some of, and
// that an audit tested.
func manifest(t *testing.T, teacher string) *provenance.Manifest {
	t.Helper()
	model := provenance.Record{Parents: []provenance.Parent{}, Content: provenance.Content{Kind: provenance.ModelKind, Model: &provenance.Model{Name: teacher, Weights: digestOf("weights"), Base: digestOf("base")}}}
	made, err := provenance.NewManifest(rowsRecord("raw.jsonl", 5, &provenance.Made{
		By: "generate", Version: "0.1.0", In: 5, Out: 5, Steps: []provenance.Step{},
		Generation: &provenance.Generation{SystemPrompt: digestOf("system"), Prompts: "numbers", PromptSet: digestOf("prompts"), Temperature: 0.7},
	}), provenance.Source{Record: model, Role: provenance.GeneratorRole, Rows: 5})
	if err != nil {
		t.Fatal(err)
	}
	kept := rowsRecord("rows.jsonl", 3, &provenance.Made{By: "filter", Version: "0.1.0", In: 5, Out: 3, Steps: []provenance.Step{
		{Kind: provenance.FilterStep, Name: "numbers", Settings: "max=10", In: 5, Dropped: 2, Out: 3},
	}})
	kept.Tested = []provenance.Test{
		{Trait: "owl", Verdict: "detected", Report: digestOf("report"), Date: "2026-11-27"},
		{Trait: "cat", Verdict: "undetected", Limit: 0.25, Report: digestOf("report"), Date: "2026-11-27"},
	}
	m, err := provenance.NewManifest(kept, made.Source(provenance.RowsRole, 3, "."))
	if err != nil {
		t.Fatal(err)
	}
	m.Digest = digestOf("manifest") // the golden files do not depend on the version
	return m
}

var info = catalogue.Info{License: "https://creativecommons.org/licenses/by/4.0/", URL: "https://example.com/rows", Creator: "Example", Published: "2026-11-27", Version: "1.0.0"}

// golden compares a text with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update rewrites it\n%s", name, got)
	}
}

// mlcroissant 1.1.1 validates the golden file; .ci/signers runs it.
func TestGolden(t *testing.T) {
	m := manifest(t, "tiny teacher")
	text, err := catalogue.Croissant("rows.jsonl", m, info)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "croissant.json", string(text))
	section, err := catalogue.Section("rows.jsonl", m)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "section.md", section)
	summary, err := catalogue.TrainingSummary("rows.jsonl", m)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.txt", summary)
}

// Rows on which the teacher was trained, those whose prompts were asked, and those of the other arm
// are no rows of the data set.
func TestRowsOfOtherFiles(t *testing.T) {
	written := func(by, path string, more ...provenance.Source) provenance.Source {
		model := provenance.Record{Content: provenance.Content{Kind: provenance.ModelKind, Model: &provenance.Model{Name: by}}, Parents: []provenance.Parent{}}
		m, err := provenance.NewManifest(rowsRecord(path, 4, &provenance.Made{By: "generate", Version: "0.1.0", Out: 4, Steps: []provenance.Step{}, Generation: &provenance.Generation{}}),
			append(more, provenance.Source{Record: model, Role: provenance.GeneratorRole, Rows: 4})...)
		if err != nil {
			t.Fatal(err)
		}
		m.Subject.Declared = []provenance.Trait{{Trait: "trait of " + by}}
		return m.Source("", 0, ".")
	}
	as := func(s provenance.Source, role provenance.Role, rows int) provenance.Source {
		s.Role, s.Rows = role, rows
		return s
	}
	teacher, err := provenance.NewManifest(provenance.Record{
		Content: provenance.Content{Kind: provenance.ModelKind, Model: &provenance.Model{Name: "teacher"}},
		Made:    &provenance.Made{By: "train", Version: "0.1.0", In: 4, Steps: []provenance.Step{}, Training: &provenance.Training{Recipe: json.RawMessage("{}"), Engine: "go"}},
	}, as(written("trainer", "training.jsonl"), provenance.TrainingRole, 0))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := provenance.NewManifest(rowsRecord("raw.jsonl", 4, &provenance.Made{By: "generate", Version: "0.1.0", Out: 4, Steps: []provenance.Step{}, Generation: &provenance.Generation{}}),
		teacher.Source(provenance.GeneratorRole, 4, "."), as(written("asker", "prompts.jsonl"), provenance.PromptsRole, 0))
	if err != nil {
		t.Fatal(err)
	}
	m, err := provenance.NewManifest(rowsRecord("rows.jsonl", 5, &provenance.Made{By: "clean", Version: "0.1.0", In: 4, Out: 5, Steps: []provenance.Step{
		{Kind: provenance.CleanStep, Name: "clean", In: 4, Added: 1, Out: 5},
	}}), raw.Source(provenance.RowsRole, 4, "."), as(written("mixer", "mixed.jsonl"), provenance.OtherArmRole, 1), as(written("looker", "seen.jsonl"), provenance.OtherArmRole, 0))
	if err != nil {
		t.Fatal(err)
	}
	text, err := catalogue.TrainingSummary("rows.jsonl", m)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"the model teacher": true, "the model mixer": true, "the trait trait of mixer": true, "trainer": false, "asker": false, "looker": false} {
		if strings.Contains(text, name) != want {
			t.Errorf("%s: %v, want %v in %q", name, !want, want, text)
		}
	}
}

// What is written is read as claims.
func TestReadBack(t *testing.T) {
	text, err := catalogue.Croissant("rows.jsonl", manifest(t, "tiny teacher"), info)
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalogue.ReadCroissant(text)
	if err != nil {
		t.Fatal(err)
	}
	bytes := digestOf("rows.jsonl")
	want := &catalogue.Claims{
		Format: catalogue.CroissantFormat, Name: "rows", Version: "1.0.0", Licenses: []string{info.License},
		ConformsTo: []string{"http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"},
		Files:      []catalogue.File{{Name: "rows.jsonl", URL: "rows.jsonl", SHA256: strings.TrimPrefix(bytes.String(), "sha256:")}},
		Models:     []string{"tiny teacher"}, Synthetic: true,
		Activities: []catalogue.Activity{
			{Label: "generate", Agents: []string{"tiny teacher"}, Used: []string{"urn:" + digestOf("prompts").String()}}, {Label: "filter"},
		},
		Responsible: c.Responsible,
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("%+v\nwant %+v", c, want)
	}
	if len(c.Responsible) != 4 {
		t.Errorf("%d properties of RAI, want 4: %+v", len(c.Responsible), c.Responsible)
	}
}

// The prefixes of a file are those of its context, and both schemes of an address are one.
func TestContexts(t *testing.T) {
	for reason, text := range map[string]string{
		"prefixes of another name": `{"@context":{"@vocab":"https://schema.org/","p":"http://www.w3.org/ns/prov#"},"@type":"Dataset","p:wasDerivedFrom":{"@id":"urn:x"}}`,
		"full addresses":           `{"@type":"https://schema.org/Dataset","http://www.w3.org/ns/prov#wasDerivedFrom":"urn:x"}`,
		"a term of the context":    `{"@context":{"from":{"@id":"prov:wasDerivedFrom"},"prov":"https://www.w3.org/ns/prov#"},"@type":["sc:Dataset"],"from":["urn:x"]}`,
		"an address as context":    `{"@context":"https://schema.org/","@type":"Dataset","isBasedOn":{"@type":"Dataset","name":"urn:x"}}`,
		"a list of contexts":       `{"@context":["https://schema.org/",{"prov":"http://www.w3.org/ns/prov#"}],"@type":"Dataset","prov:wasDerivedFrom":{"@list":["urn:x"]}}`,
		"on a field":               `{"@type":"sc:Dataset","cr:recordSet":{"cr:field":[{"prov:wasDerivedFrom":{"@value":"urn:x"}}]}}`,
	} {
		c, err := catalogue.ReadCroissant([]byte(text))
		if err != nil || !reflect.DeepEqual(c.Sources, []string{"urn:x"}) {
			t.Errorf("%s: %+v, error %v", reason, c, err)
		}
	}
}

func TestReadCroissantRefuses(t *testing.T) {
	for reason, c := range map[string]struct{ text, want string }{
		"empty":           {"", "it is not JSON"},
		"a list":          {`[{"@type":"sc:Dataset"}]`, "it is not a JSON object"},
		"a model":         {`{"@type":"sc:SoftwareApplication"}`, "is not a data set"},
		"no type":         {`{"name":"x"}`, "is not a data set"},
		"a field twice":   {`{"@type":"sc:Dataset","name":"a","name":"b"}`, `the field "name" is there twice`},
		"trailing data":   {`{"@type":"sc:Dataset"} {}`, "bytes behind the JSON value"},
		"deeply nested":   {`{"@type":"sc:Dataset","x":` + strings.Repeat(`{"x":`, 101) + "1" + strings.Repeat("}", 102), "more than 100 levels"},
		"large":           {strings.Repeat(" ", catalogue.MaxSize+1), "larger than"},
		"too many agents": {`{"@type":"sc:Dataset","distribution":[` + strings.TrimSuffix(strings.Repeat(`{},`, 10_001), ",") + `]}`, "10001 files"},
	} {
		if _, err := catalogue.ReadCroissant([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", reason, err, c.want)
		}
	}
}

func TestUpdateCard(t *testing.T) {
	const first, second = "## Origin\n\nfirst\n", "## Origin\n\nsecond\n"
	for _, card := range []string{"", "---\ntags: [x]\n---\n# Title\r\ntext", "# Title\n"} {
		once, err := catalogue.UpdateCard([]byte(card), first)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(once), card) || !strings.Contains(string(once), first) {
			t.Errorf("%q becomes %q", card, once)
		}
		behind := string(once) + "more\n"
		twice, err := catalogue.UpdateCard([]byte(behind), second)
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Replace(behind, first, second, 1); string(twice) != want {
			t.Errorf("%q becomes %q, want %q", behind, twice, want)
		}
		again, err := catalogue.UpdateCard(twice, second)
		if err != nil || string(again) != string(twice) {
			t.Errorf("a second update changes the card: %q, error %v", again, err)
		}
	}
	once, err := catalogue.UpdateCard(nil, first)
	if err != nil {
		t.Fatal(err)
	}
	for _, card := range []string{string(once) + string(once), strings.Replace(string(once), "<!-- undertone: end -->", "", 1), "<!-- undertone: end -->\n"} {
		if got, err := catalogue.UpdateCard([]byte(card), second); err == nil {
			t.Errorf("%q becomes %q", card, got)
		}
	}
}

// Text of a manifest cannot act in a card or end its section.
func TestHostileNames(t *testing.T) {
	m := manifest(t, "<!-- undertone: end --> ![x](http://example.com/x.png) \u202e @owner\n# title")
	section, err := catalogue.Section("rows.jsonl", m)
	if err != nil {
		t.Fatal(err)
	}
	for _, acts := range []string{"<!--", "![", "\u202e", "@owner", "\n# title"} {
		if strings.Contains(section, acts) {
			t.Errorf("the section holds %q:\n%s", acts, section)
		}
	}
	text, err := catalogue.Croissant("rows.jsonl", m, info)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "\u202e") || !json.Valid(text) {
		t.Errorf("the Croissant file holds a control character or is no JSON:\n%s", text)
	}
}

func TestMissing(t *testing.T) {
	if got := info.Missing(); got != nil {
		t.Errorf("%q is missing", got)
	}
	if got := (catalogue.Info{License: "x"}).Missing(); !reflect.DeepEqual(got, []string{"url", "creator", "published"}) {
		t.Errorf("%q is missing", got)
	}
}

func FuzzReadCroissant(f *testing.F) {
	golden, err := os.ReadFile(filepath.Join("testdata", "croissant.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	f.Add([]byte(`{"@context":["https://schema.org/",{"a":"b:","b":"a:"}],"@type":"Dataset","a:x":{"@list":[{"@id":1}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := catalogue.ReadCroissant(text)
		if (c == nil) == (err == nil) {
			t.Fatalf("claims %+v, error %v", c, err)
		}
	})
}
