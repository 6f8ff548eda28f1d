package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/contrib/report/internal/figure"
	"github.com/undertone-audit/undertone/provenance"
)

// shownRecords is the largest number of records that a graph draws. The table has every record of
// the report.
const shownRecords = 12

// provenanceSection returns where the rows of both arms come from.
func provenanceSection(suspect, control audit.DataInfo) Section {
	s := Section{ID: "provenance", Title: "Provenance"}
	arms := []struct {
		name string
		data audit.DataInfo
	}{{"suspect", suspect}, {"control", control}}
	for _, arm := range arms {
		if h := arm.data.History; h != nil && len(h.Records) > 0 {
			s.Blocks = append(s.Blocks, history{h, arm.name}.blocks()...)
		} else {
			s.Blocks = append(s.Blocks, texts("The report does not say where the "+arm.name+" rows come from: no manifest lay beside their file."))
		}
	}
	if suspect.History != nil || control.History != nil {
		s.Blocks = append(s.Blocks, texts("“Verified” means that the audit read the file, or loaded the model, and computed the same digest. “Signed” means that a key signed the manifest. "+
			"“Claimed” means that the manifest says so. How something was made, and from what, is never verified. None of these words says that rows are free of a trait."))
	}
	return s
}

// history shows where the rows of an arm come from.
type history struct {
	*audit.History
	arm string
}

// blocks returns the graph, the table of all records and the problems.
func (h history) blocks() []Block {
	blocks := []Block{drawn(h.graph()), {Table: h.table()}}
	if h.Left > 0 {
		blocks = append(blocks, texts(plural(h.Left, "further record")+" of the manifest "+are(h.Left)+" not in the report."))
	}
	if len(h.Problems) > 0 {
		blocks = append(blocks, Block{Items: h.problems()})
	}
	return blocks
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// graph draws the records that are nearest to the rows.
func (h history) graph() *figure.Figure {
	shown := h.Records[:min(shownRecords, len(h.Records))]
	boxes := make([]figure.Box, len(shown))
	for i, o := range shown {
		boxes[i] = figure.Box{Title: originName(o), Lines: h.lines(o), Trust: trustOf(o.Identity)}
		for _, p := range o.Parents {
			if p.Record > i && p.Record < len(shown) {
				boxes[i].From = append(boxes[i].From, figure.Link{Box: p.Record, Text: linkText(p)})
			}
		}
	}
	f := figure.Graph(boxes)
	f.Title = "Where the " + h.arm + " rows come from"
	f.Description = h.chain()
	if len(shown) < len(h.Records) {
		f.Description += " The records that are farther from the rows are in the table."
	}
	f.Keys = h.keys(shown)
	return f
}

// keys explains the borders that are drawn.
func (h history) keys(shown []audit.Origin) (keys []figure.Key) {
	for _, k := range []struct {
		standing provenance.Standing
		key      figure.Key
	}{
		{provenance.Verified, figure.Key{Class: "good", Text: "content verified"}},
		{provenance.Signed, figure.Key{Class: "signed", Text: "content signed"}},
		{provenance.Claimed, figure.Key{Class: "claimed", Text: "content claimed"}},
	} {
		for _, o := range shown {
			if o.Identity == k.standing {
				keys = append(keys, k.key)
				break
			}
		}
	}
	return keys
}

func trustOf(s provenance.Standing) figure.Trust {
	return map[provenance.Standing]figure.Trust{provenance.Verified: figure.Strong, provenance.Signed: figure.Plain}[s]
}

// shownSteps is the largest number of steps in a box.
const shownSteps = 4

// lines returns what a box says of a record below its name.
func (h history) lines(o audit.Origin) []string {
	lines := []string{contentText(o)}
	if o.By != "" {
		lines = append(lines, "made by "+o.By+", "+h.Standing.String())
	}
	for i, s := range o.Steps {
		if i == shownSteps {
			lines = append(lines, "and "+plural(len(o.Steps)-shownSteps, "further step"))
			break
		}
		lines = append(lines, s.Name+": "+countsText(s))
	}
	if overlaps(o.Steps) {
		lines = append(lines, "a row can be dropped by several")
	}
	if !o.SystemPrompt.IsZero() {
		lines = append(lines, "under a system prompt")
	}
	if len(o.Declared) > 0 {
		lines = append(lines, "declared: "+strings.Join(o.Declared, ", "))
	}
	return lines
}

// chain says in words where the rows come from, for those who do not see the graph.
func (h history) chain() string {
	var b strings.Builder
	for i, o := range h.Records[:min(shownRecords, len(h.Records))] {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%s (%s)", originName(o), contentText(o))
		if o.By == "" {
			b.WriteString(": " + h.madeBy(i, o) + ".")
			continue
		}
		b.WriteString(" was made by " + o.By)
		for k, p := range o.Parents {
			sep := ", "
			if k == 0 {
				sep = " from "
			}
			if p.Record > i && p.Record < len(h.Records) {
				b.WriteString(sep + originName(h.Records[p.Record]) + " (" + linkText(p) + ")")
			}
		}
		b.WriteByte('.')
	}
	return b.String()
}

// table returns all records of the report.
func (h history) table() *Table {
	t := &Table{Caption: "Records of the " + h.arm + " rows", Header: []string{"record", "content", "file", "made by", "from", "steps", "digest"}}
	for i, o := range h.Records {
		content := contentText(o)
		if !o.SystemPrompt.IsZero() {
			content += ", written under the system prompt " + o.SystemPrompt.Short()
		}
		if len(o.Declared) > 0 {
			content += ", declared traits: " + strings.Join(o.Declared, ", ")
		}
		t.Rows = append(t.Rows, []Cell{
			plainCell(originName(o)), plainCell(content), plainCell(fileText(o.File)), plainCell(h.madeBy(i, o)), plainCell(h.from(i, o)), plainCell(stepsText(o)), codeCell(digestText(o)),
		})
	}
	return t
}

// madeBy says what made record i, or that nothing is known of it.
func (h history) madeBy(i int, o audit.Origin) string {
	switch {
	case o.By != "":
		return o.By + ", " + h.Standing.String()
	case o.Kind == provenance.ModelKind && !slices.Contains(h.Problems, audit.HistoryProblem{Kind: provenance.UnknownOrigin, Record: i}):
		return "base model"
	}
	return "unknown origin"
}

// from names the parents of record i.
func (h history) from(i int, o audit.Origin) string {
	var parents []string
	for _, p := range o.Parents {
		if p.Record > i && p.Record < len(h.Records) {
			parents = append(parents, originName(h.Records[p.Record])+" ("+linkText(p)+")")
		}
	}
	if !o.Base.IsZero() && len(parents) == 0 {
		parents = append(parents, "declared base "+o.Base.Short())
	}
	return strings.Join(parents, ", ")
}

// problems returns the problems as sentences.
func (h history) problems() (items []string) {
	for _, p := range h.Problems {
		name := "The record"
		if p.Record >= 0 && p.Record < len(h.Records) {
			name = originName(h.Records[p.Record])
		}
		text, known := problemTexts[p.Kind]
		if !known {
			text = "has the problem “" + string(p.Kind) + "”"
		}
		items = append(items, name+" "+text+".")
	}
	return items
}

var problemTexts = map[provenance.ProblemKind]string{
	provenance.DamagedManifest: "has a manifest that cannot be read, so it is not believed",
	provenance.StaleManifest:   "has a manifest that describes another file, so it is not believed",
	provenance.StaleFile:       "was replaced after the rows were made from it",
	provenance.MissingFile:     "was not there",
	provenance.OutsideFile:     "lies outside the folder of the rows, and was not read",
	provenance.UnreadableFile:  "could not be read",
	provenance.UnknownOrigin:   "has an unknown origin: no record says how it was made",
}

func originName(o audit.Origin) string {
	if o.Name == "" {
		return "a file without a name"
	}
	return o.Name
}

// contentText says what a record is, with the standing of its content.
func contentText(o audit.Origin) string {
	what := string(o.Kind)
	if o.Kind == provenance.RowsKind {
		what = plural(o.Rows, "row")
	}
	return what + ", " + o.Identity.String()
}

func fileText(s provenance.FileState) string {
	switch s {
	case provenance.FileVerified:
		return "read, as recorded"
	case provenance.FileStale:
		return "replaced"
	case provenance.FileUnread:
		return "not read"
	}
	return string(s)
}

func linkText(p audit.HistoryParent) string {
	role := map[provenance.Role]string{provenance.TrainingRole: "training rows", provenance.OtherArmRole: "other arm"}[p.Role]
	if role == "" {
		role = string(p.Role)
	}
	if p.Rows > 0 && p.Role == provenance.RowsRole {
		return plural(p.Rows, "row")
	}
	if p.Rows > 0 {
		return role + ", " + plural(p.Rows, "row")
	}
	return role
}

func countsText(s audit.HistoryStep) string {
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{{s.Dropped, "dropped"}, {s.Changed, "changed"}, {s.Added, "added"}} {
		if c.n > 0 {
			parts = append(parts, count(c.n)+" "+c.what)
		}
	}
	if len(parts) == 0 {
		return "0 dropped"
	}
	return strings.Join(parts, ", ")
}

// overlaps reports whether steps drop rows out of the same rows, so that their counts cannot be
// added.
func overlaps(steps []audit.HistoryStep) bool {
	dropping := map[int]int{}
	for _, s := range steps {
		if s.Dropped > 0 {
			dropping[s.In]++
		}
	}
	for _, n := range dropping {
		if n > 1 {
			return true
		}
	}
	return false
}

func stepsText(o audit.Origin) string {
	var steps []string
	for _, s := range o.Steps {
		steps = append(steps, fmt.Sprintf("%s %s: %s of %s", s.Kind, s.Name, countsText(s), count(s.In)))
	}
	if overlaps(o.Steps) {
		steps = append(steps, "each judges all rows, so a row can be counted by several, and "+plural(o.Rows, "row")+" "+are(o.Rows)+" left")
	}
	if o.Left > 0 {
		steps = append(steps, "further ones are not in the report: "+count(o.Left))
	}
	return strings.Join(steps, "; ")
}

func digestText(o audit.Origin) string {
	if o.Content.IsZero() {
		return ""
	}
	return o.Content.Short()
}
