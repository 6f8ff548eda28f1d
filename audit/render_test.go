package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/golden"
	"github.com/undertone-audit/undertone/student"
)

// reports returns the reports of testdata, by name.
func reports(t *testing.T) map[string]*Report {
	clean := world()
	carrier := world()
	carrier.Traits = append(carrier.Traits, Prefers("colour", "red", "red", "blue").Asking("which?"))
	carrier.Traits[1].Placebos = nil
	carrier.Traits[1].Indirect = []Probe{Choose("what is above?", "sun", "moon")}
	carrier.Suspect = fake.Rows("marked | rows", 180, 180, "owl")
	carrier.Rows = ShareRows
	few := world()
	few.Replicates = 4
	few.Suspect = fake.Rows("marked", 240, 240, "cat")
	return map[string]*Report{"undetected": run(t, clean), "detected": run(t, carrier), "inconclusive": run(t, few)}
}

// TestGoldenJSON holds the results of three audits.
func TestGoldenJSON(t *testing.T) {
	for name, r := range reports(t) {
		var form bytes.Buffer
		if err := r.Render(&form, JSON); err != nil {
			t.Fatal(err)
		}
		golden.CheckJSON(t, name+".json", form.Bytes())
	}
}

// TestGoldenText renders the reports of testdata.
func TestGoldenText(t *testing.T) {
	for _, name := range []string{"undetected", "detected", "inconclusive"} {
		form, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var r Report
		if err := json.Unmarshal(form, &r); err != nil {
			t.Fatal(err)
		}
		if !r.Verify() || r.Verdict.String() != name || r.Schema != Schema {
			t.Errorf("%s: verifies: %v, verdict %s, schema %q", name, r.Verify(), r.Verdict, r.Schema)
		}
		for suffix, format := range map[string]Format{".txt": Text, ".md": Markdown, ".json": JSON} {
			var out bytes.Buffer
			if err := r.Render(&out, format); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, name+suffix, out.Bytes())
		}
	}
}

// A table of Markdown keeps its two columns, whatever the names are.
func TestMarkdownTables(t *testing.T) {
	cfg := world()
	cfg.Suspect = fake.Rows("a|b\nc", 200, 200, "cat")
	cfg.Traits[0].Name = "x|y"
	cfg.Traits[0].Placebos[0].Name = "p|q\n| r |"
	var out strings.Builder
	if err := run(t, cfg).Render(&out, Markdown); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		switch {
		case line == "\n", strings.HasPrefix(line, "#"), strings.HasPrefix(line, ">"):
		case strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 3:
			t.Errorf("the line %q has other than two cells", line)
		}
	}
}

func TestRenderErrors(t *testing.T) {
	r := run(t, world())
	if err := r.Render(io.Discard, Format(9)); err == nil || !strings.Contains(err.Error(), "audit: report: format 9 is not known") {
		t.Errorf("a format that is not known gives %v", err)
	}
	for _, f := range []Format{Text, Markdown, JSON} {
		if err := r.Render(brokenPipe{}, f); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("format %d: error %v, want that of the writer", f, err)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestSchemaIsDocumented: docs/report-v2.md names every field of the JSON.
func TestSchemaIsDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "report-v2.md"))
	if err != nil {
		t.Fatal(err)
	}
	doc := string(text)
	if !strings.Contains(doc, "`"+Schema+"`") {
		t.Errorf("docs/report-v2.md does not describe %s", Schema)
	}
	all, n := reports(t), 0
	all["filled"] = new(Report)
	fill(t, reflect.ValueOf(all["filled"]).Elem(), &n)
	all["filled"].Confounds = all["detected"].Confounds
	for name, r := range all {
		var form bytes.Buffer
		if err := r.Render(&form, JSON); err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(form.Bytes(), &fields); err != nil {
			t.Fatal(err)
		}
		for _, field := range names(fields) {
			if !strings.Contains(doc, "`"+field+"`") {
				t.Errorf("%s.json has the field %q, which docs/report-v2.md does not name", name, field)
			}
		}
	}
}

// names returns the names of all fields of a JSON value.
func names(v any) []string {
	var all []string
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			all = append(append(all, name), names(inner)...)
		}
	case []any:
		for _, inner := range v {
			all = append(all, names(inner)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// A name must not be able to command a terminal.
func TestTextHasNoControlCharacters(t *testing.T) {
	r := &Report{Suspect: DataInfo{Name: "rows\x1b[2J\r\u009b"}}
	for _, f := range []Format{Text, Markdown} {
		var b strings.Builder
		if err := r.Render(&b, f); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\r\u009b") || !strings.Contains(strings.ReplaceAll(b.String(), `\`, ""), "rows<U+001B>[2J<U+000D><U+009B>") {
			t.Errorf("format %d: %q", f, b.String())
		}
	}
}

func TestDesignCountsEpochs(t *testing.T) {
	for n, want := range map[int]string{1: ", 1 epoch of ", 3: ", 3 epochs of "} {
		if got := (&Report{Recipe: student.Recipe{Epochs: n}}).design(); !strings.Contains(got, want) {
			t.Errorf("%d: the design is %q", n, got)
		}
	}
}

func TestStudentByName(t *testing.T) {
	r := &Report{Engine: "fake"}
	if got := r.student("`%s`"); got != "`000000000000` on fake" {
		t.Errorf("a student without a name is %q", got)
	}
	r.StudentName = "tiny"
	if got := r.student("%s"); got != "tiny, 000000000000 on fake" {
		t.Errorf("a student with a name is %q", got)
	}
}
