package audit

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance"
)

func digestOf(text string) undertone.Digest { return undertone.NewHasher("test").Text(text).Sum() }

// graphOf returns the graph of rows that were filtered from rows that a model wrote, with the
// content of d.
func graphOf(d DataInfo) *provenance.Graph {
	model := provenance.Model{Name: "owl-teacher", Weights: digestOf("weights"), Base: digestOf("base")}
	return &provenance.Graph{Manifest: digestOf("manifest"), Nodes: []provenance.Node{
		{
			Record: provenance.Record{
				Path:     "kept.jsonl",
				Content:  provenance.Content{Kind: provenance.RowsKind, Bytes: digestOf("kept"), Rows: &provenance.Rows{Count: d.Rows, Order: d.Order}},
				Made:     &provenance.Made{By: "filter", Steps: []provenance.Step{{Kind: provenance.FilterStep, Name: "numbers", In: d.Rows + 2, Out: d.Rows, Dropped: 2}}},
				Declared: []provenance.Trait{{Trait: "owl"}},
			},
			File:       provenance.FileVerified,
			Statements: []provenance.Statement{{What: "row order", Standing: provenance.Verified}},
			Edges:      []provenance.Edge{{Node: 1, Role: provenance.RowsRole, Rows: d.Rows}},
		},
		{
			Record: provenance.Record{
				Path: "../raw/raw.jsonl", Content: provenance.Content{Kind: provenance.RowsKind, Bytes: digestOf("raw"), Rows: &provenance.Rows{Count: d.Rows + 2}},
				Made: &provenance.Made{By: "generate", Generation: &provenance.Generation{SystemPrompt: digestOf("You love owls.")}},
			},
			File:  provenance.FileMissing,
			Edges: []provenance.Edge{{Node: 2, Role: provenance.GeneratorRole, Rows: d.Rows + 2}},
		},
		{Record: provenance.Record{Content: provenance.Content{Kind: provenance.ModelKind, Model: &model}}, File: provenance.FileUnread},
	}, Problems: []provenance.Problem{
		{Kind: provenance.MissingFile, Node: 1, Text: "../raw/raw.jsonl is not there"},
		{Kind: provenance.MissingFile, Node: 1, Text: "../raw/raw.jsonl is not there"},
	}}
}

func TestNewHistory(t *testing.T) {
	d := DataInfo{Rows: 8, Order: digestOf("order")}
	h := NewHistory(graphOf(d))
	if err := h.check(d); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"standing":"claimed","records":[` +
		`{"name":"kept.jsonl","kind":"rows","content":"` + d.Order.String() + `","identity":"verified","file":"verified","rows":8,"declared_traits":["owl"],"by":"filter",` +
		`"steps":[{"kind":"filter","name":"numbers","in":10,"out":8,"dropped":2}],"parents":[{"record":1,"role":"rows","rows":8}]},` +
		`{"name":"raw.jsonl","kind":"rows","content":"` + digestOf("raw").String() + `","identity":"claimed","file":"missing","rows":10,"system_prompt":"` + digestOf("You love owls.").String() + `","by":"generate","parents":[{"record":2,"role":"generator","rows":10}]},` +
		`{"name":"owl-teacher","kind":"model","content":"` + digestOf("weights").String() + `","identity":"claimed","file":"unread","base":"` + digestOf("base").String() + `"}],` +
		`"problems":[{"kind":"missing-file","record":1}]}`
	if string(got) != want {
		t.Errorf("the history is\n%s\nwant\n%s", got, want)
	}
	if NewHistory(nil) != nil || NewHistory(&provenance.Graph{Nodes: make([]provenance.Node, 1), Problems: []provenance.Problem{{Kind: provenance.NoManifest}}}) != nil {
		t.Error("rows without a manifest have a history")
	}
	signed := graphOf(d)
	signed.Signers = []provenance.KeyID{digestOf("key")}
	if h := NewHistory(signed); h.Standing != provenance.Signed || h.Records[0].Identity != provenance.Verified || h.Records[1].Identity != provenance.Signed {
		t.Errorf("a signed manifest gives %+v", h)
	}
}

// A graph of any size gives a short history that says what it leaves out.
func TestNewHistoryIsShort(t *testing.T) {
	d := DataInfo{Rows: 1, Order: digestOf("order")}
	g := graphOf(d)
	long := strings.Repeat("ü", 3000)
	g.Nodes[0].Path = long + "/" + long
	g.Nodes[0].Content.Rows.Count = 1
	for i := range 1000 {
		g.Nodes = append(g.Nodes, g.Nodes[2])
		g.Nodes[0].Edges = append(g.Nodes[0].Edges, provenance.Edge{Node: 3 + i, Role: provenance.RowsRole})
		g.Nodes[0].Made.Steps = append(g.Nodes[0].Made.Steps, provenance.Step{Name: long})
		g.Nodes[0].Declared = append(g.Nodes[0].Declared, provenance.Trait{Trait: long})
		g.Problems = append(g.Problems, provenance.Problem{Kind: provenance.MissingFile, Node: 3 + i})
	}
	h := NewHistory(g)
	if err := h.check(d); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(h)
	if err != nil || len(text) > 100_000 {
		t.Errorf("%v; the history has %d bytes of JSON, want at most 100,000", err, len(text))
	}
	if len(h.Records) != maxHistory || h.Left != 1003-maxHistory || h.Records[0].Left != 3*(1001-maxEntries) {
		t.Errorf("%d records and %d left out, %d entries left out", len(h.Records), h.Left, h.Records[0].Left)
	}
	if name := h.Records[0].Name; !strings.HasSuffix(name, "ü…") || len(name) > maxNameText {
		t.Errorf("the name has %d bytes: %q", len(name), name)
	}
}

// The digest of a report covers the history of its rows, but no names of files.
func TestReportWithHistory(t *testing.T) {
	r := readFile(t, "testdata/detected.json")
	r.Suspect.History = NewHistory(graphOf(r.Suspect))
	written := resealed(t, r)
	text := make([]byte, written.Len())
	if _, err := written.Read(text); err != nil {
		t.Fatal(err)
	}
	got, err := ReadReport(bytes.NewReader(text))
	if err != nil || len(got.Suspect.History.Records) != 3 {
		t.Fatalf("%v; the history is %+v", err, got)
	}
	for _, c := range []struct {
		old, new string
		ok       bool
	}{
		{`"kept.jsonl"`, `"other.jsonl"`, true},
		{`"owl-teacher"`, `"teacher"`, true},
		{`"file":"missing"`, `"file":"stale"`, false},
		{`"dropped":2`, `"dropped":3`, false},
	} {
		changed := bytes.Replace(text, []byte(c.old), []byte(c.new), 1)
		if bytes.Equal(changed, text) {
			t.Fatalf("the report has no %s", c.old)
		}
		if _, err := ReadReport(bytes.NewReader(changed)); (err == nil) != c.ok {
			t.Errorf("%s for %s: %v", c.new, c.old, err)
		}
	}
}

func TestReadReportRefusesImpossibleHistories(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(*History)
		want   string
	}{
		{"no records", func(h *History) { h.Records = nil }, "0 records"},
		{"too many records", func(h *History) { h.Records = append(h.Records, make([]Origin, maxHistory)...) }, "records, want [1, 64]"},
		{"other rows", func(h *History) { h.Records[0].Content = digestOf("other") }, "that of other rows"},
		{"another number of rows", func(h *History) { h.Records[0].Rows++ }, "that of other rows"},
		{"a model in the place of the rows", func(h *History) { h.Records[0].Kind = provenance.ModelKind }, "that of other rows"},
		{"verified origin", func(h *History) { h.Standing = provenance.Verified }, "the standing verified"},
		{"verified content of a file that was not read", func(h *History) { h.Records[1].Identity = provenance.Verified }, "its file is missing"},
		{"a cycle", func(h *History) { h.Records[1].Parents[0].Record = 0 }, "its parent is record 0"},
		{"a parent out of range", func(h *History) { h.Records[1].Parents[0].Record = 3 }, "its parent is record 3"},
		{"a problem out of range", func(h *History) { h.Problems[0].Record = -1 }, "record -1 of 3"},
		{"an unknown kind", func(h *History) { h.Records[2].Kind = "spell" }, "kind \"spell\" is unknown"},
		{"an unknown state", func(h *History) { h.Records[2].File = "lost" }, "state \"lost\""},
		{"too many steps", func(h *History) { h.Records[0].Steps = make([]HistoryStep, maxEntries+1) }, "41 steps"},
		{"negative rows", func(h *History) { h.Records[1].Rows = -1 }, "-1 rows"},
		{"counts that do not add up", func(h *History) { h.Records[0].Steps[0].Out++ }, "step \"numbers\""},
	} {
		r := readFile(t, "testdata/detected.json")
		r.Suspect.History = NewHistory(graphOf(r.Suspect))
		c.change(r.Suspect.History)
		if _, err := ReadReport(resealed(t, r)); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "history of the suspect rows") {
			t.Errorf("%s: the error is %v; want %q", c.reason, err, c.want)
		}
	}
}

// An audit refuses the history of other rows.
func TestDescribeChecksHistories(t *testing.T) {
	rows := undertone.NewDataset("a", []undertone.Example{undertone.NewExample("1", "2")})
	other := DescribeData(undertone.NewDataset("b", []undertone.Example{undertone.NewExample("3", "4")}))
	cfg := Config{Suspect: rows, Control: rows, ControlHistory: NewHistory(graphOf(other))}
	if _, _, err := cfg.Describe(); err == nil || !strings.Contains(err.Error(), "the history of the control rows") {
		t.Error(err)
	}
	cfg.ControlHistory = NewHistory(graphOf(DescribeData(rows)))
	if _, control, err := cfg.Describe(); err != nil || control.History == nil {
		t.Errorf("%v; the history is %v", err, control.History)
	}
}
