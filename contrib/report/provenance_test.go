package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/provenance"
)

// The page of a saved report shows where the rows come from: each record with its standing, and the
// counts of filters, in a figure and in a table.
func TestProvenance(t *testing.T) {
	page := render(t, load(t, "testdata/12-provenance.json"), HTML)
	for _, want := range []string{
		">Where the suspect rows come from</title>", ">Where the control rows come from</title>", `class="l good"`,
		">numbers: 2,083 dropped</text>", ">training rows</text>", ">made by train, claimed</text>",
		"filtered.jsonl (317 rows, verified) was made by filter from raw.jsonl (317 rows).", "tiny (model, verified): base model.",
		">filter numbers: 2,083 dropped of 2,400; filter words: 1,649 dropped of 2,400; each judges all rows, so a row can be counted by several, and 317 rows are left</td>",
		"<li>overt.jsonl has an unknown origin: no record says how it was made.</li>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if page := render(t, load(t, "testdata/01-detected.json"), HTML); !strings.Contains(page, "no manifest lay beside their file") {
		t.Error("a page without a history does not say so")
	}
}

// A history that was not checked, of any size and with any links, is drawn in part.
func TestProvenanceOfHostileHistories(t *testing.T) {
	h := &audit.History{Left: 3}
	for i := range 300 {
		o := audit.Origin{Name: strings.Repeat("x", 5000), Kind: provenance.RowsKind, Identity: provenance.Standing(i%5 - 1), Rows: i}
		for k := range 300 {
			o.Parents = append(o.Parents, audit.HistoryParent{Record: k - 20, Role: "friend", Rows: k})
			o.Steps = append(o.Steps, audit.HistoryStep{Name: "<script>", In: k})
		}
		h.Records = append(h.Records, o)
		h.Problems = append(h.Problems, audit.HistoryProblem{Kind: "worse", Record: i - 5})
	}
	s := load(t, "testdata/01-detected.json")
	s.Audit.Suspect.History = h
	page := render(t, s, HTML)
	if len(page) > MaxPage || strings.Contains(page, "<script>\"") || !strings.Contains(page, "3 further records of the manifest are not in the report.") {
		t.Errorf("%d bytes, want at most %d and the number of further records", len(page), MaxPage)
	}
	figure := page[strings.Index(page, ">Where the suspect rows come from</title>"):]
	if n := strings.Count(figure[:strings.Index(figure, "</svg>")], `class="f card"`); n != shownRecords {
		t.Errorf("%d boxes are drawn, want %d", n, shownRecords)
	}
}

// Every standing has a border, a key and a name.
func TestProvenanceStandings(t *testing.T) {
	h := history{&audit.History{Standing: provenance.Signed, Records: []audit.Origin{
		{Name: "a", Identity: provenance.Verified, By: "filter"}, {Name: "b", Identity: provenance.Signed}, {Name: "c"},
	}}, "suspect"}
	f := h.graph()
	var classes []string
	for _, k := range f.Keys {
		classes = append(classes, k.Class)
	}
	if !slices.Equal(classes, []string{"good", "signed", "claimed"}) {
		t.Errorf("the keys are %q", classes)
	}
	if rows := h.table().Rows; rows[0][3].Text != "filter, signed" || rows[2][1].Text != ", claimed" {
		t.Errorf("the rows are %+v", rows)
	}
}
