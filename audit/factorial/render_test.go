package factorial

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
	"github.com/undertone-audit/undertone/audit/internal/golden"
)

// reports returns the reports of testdata, by name.
func reports(t *testing.T) map[string]*Report {
	few := crossed(true)
	few.Arms, few.Traits, few.Control, few.Rows = few.Arms[:2], few.Traits[:2], nil, audit.ShareRows
	few.Arms[1] = fake.Rows("a | a\t\n\x1b[2J", 40, 40, "cat")
	return map[string]*Report{"detected": run(t, crossed(true)), "inconclusive": run(t, few)}
}

func rendered(t *testing.T, r *Report, f audit.Format) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := r.Render(&out, f); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGolden(t *testing.T) {
	for name, r := range reports(t) {
		golden.CheckJSON(t, name+".json", rendered(t, r, audit.JSON))
		stored := new(Report) // has the same bits on every processor
		if err := json.Unmarshal(golden.Read(t, name+".json"), stored); err != nil || !stored.Verify() {
			t.Errorf("%s: error %v; it verifies: %v", name, err, stored.Verify())
		}
		if stored.Verdict.String() != name {
			t.Errorf("%s: the verdict is %s", name, stored.Verdict)
		}
		for suffix, format := range map[string]audit.Format{".txt": audit.Text, ".md": audit.Markdown, ".json": audit.JSON} {
			golden.Check(t, name+suffix, rendered(t, stored, format))
		}
	}
}

// A report is what its JSON says, bit for bit, and its digest is that of its content.
func TestReportSurvivesJSON(t *testing.T) {
	for name, r := range reports(t) {
		if r.Schema != Schema || !r.Verify() {
			t.Errorf("%s: schema %q; it verifies: %v", name, r.Schema, r.Verify())
		}
		again := new(Report)
		d := json.NewDecoder(bytes.NewReader(rendered(t, r, audit.JSON)))
		d.DisallowUnknownFields()
		if err := d.Decode(again); err != nil || !reflect.DeepEqual(r, again) {
			t.Errorf("%s: after reading (error %v) it is\n%+v\nand was\n%+v", name, err, again, r)
		}
		again.Lifts[0][1] += 1e-9
		if again.Verify() {
			t.Errorf("%s: a report with a changed lift verifies", name)
		}
	}
}

// A name cannot command a terminal or add cells to a table.
func TestNamesAreEscaped(t *testing.T) {
	r := reports(t)["inconclusive"]
	for _, f := range []audit.Format{audit.Text, audit.Markdown} {
		if out := string(rendered(t, r, f)); strings.ContainsAny(out, "\x1b\t") {
			t.Errorf("format %d has control characters: %q", f, out)
		}
	}
	named, cells := 0, 0 // of the table
	for line := range strings.Lines(string(rendered(t, r, audit.Markdown))) {
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if cells > 0 && n > 0 && n != cells {
			t.Errorf("the line %q has %d cells, want %d", line, n-1, cells-1)
		}
		cells = n
		if strings.HasPrefix(line, `| a \| a`) {
			named++
		}
	}
	if named != 3 {
		t.Errorf("the name is in %d tables, want 3", named)
	}
}

func TestRenderErrors(t *testing.T) {
	r := run(t, crossed(true))
	for _, f := range []audit.Format{audit.Text, audit.Markdown, audit.JSON} {
		if err := r.Render(fakeaudit.BrokenPipe{}, f); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("format %d: a writer that fails gives %v", f, err)
		}
	}
	if err := r.Render(io.Discard, audit.Format(9)); err == nil || !strings.Contains(err.Error(), "format 9 is not known") {
		t.Errorf("an unknown format gives %v", err)
	}
}

// The schema in docs/factorial-v1.md names every field of the JSON.
func TestSchemaIsDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "factorial-v1.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), "`"+Schema+"`") {
		t.Errorf("docs/factorial-v1.md does not name the schema %s", Schema)
	}
	for _, of := range []any{Report{}, Arm{}, DesignInfo{}, audit.Design{}, Effect{}, audit.Interval{}} {
		for i := range reflect.TypeOf(of).NumField() {
			if name, _, _ := strings.Cut(reflect.TypeOf(of).Field(i).Tag.Get("json"), ","); name != "" && !strings.Contains(string(doc), "`"+name+"`") {
				t.Errorf("docs/factorial-v1.md does not have `%s`", name)
			}
		}
	}
}
