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

	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// crossings returns the reports of testdata, by name.
func crossings(t *testing.T) map[string]*CrossReport {
	few := crossing(true)
	few.Arms, few.Traits, few.Control, few.Rows = few.Arms[:2], few.Traits[:2], nil, ShareRows
	few.Arms[1] = fake.Rows("a | a\t\n\x1b[2J", 40, 40, "cat")
	return map[string]*CrossReport{"cross-detected": cross(t, crossing(true)), "cross-inconclusive": cross(t, few)}
}

func TestCrossGolden(t *testing.T) {
	for name, r := range crossings(t) {
		goldenJSON(t, name, r)
		form, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		kept := new(CrossReport) // the same bits on every processor
		if err := json.Unmarshal(form, kept); err != nil || !kept.Verify() {
			t.Errorf("%s: %v; it verifies: %v", name, err, kept.Verify())
		}
		for suffix, format := range map[string]Format{".txt": Text, ".md": Markdown, ".json": JSON} {
			var out bytes.Buffer
			if err := kept.Render(&out, format); err != nil {
				t.Fatal(err)
			}
			golden(t, name+suffix, out.Bytes())
		}
	}
}

// A report is what its JSON says, bit for bit, and its digest is that of its content.
func TestCrossReportSurvivesJSON(t *testing.T) {
	for name, r := range crossings(t) {
		if r.Schema != CrossSchema || !r.Verify() {
			t.Errorf("%s: schema %q; it verifies: %v", name, r.Schema, r.Verify())
		}
		var form bytes.Buffer
		if err := r.Render(&form, JSON); err != nil {
			t.Fatal(err)
		}
		again := new(CrossReport)
		d := json.NewDecoder(bytes.NewReader(form.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(again); err != nil || !reflect.DeepEqual(r, again) {
			t.Errorf("%s: read again (%v) it is\n%+v\nand was\n%+v", name, err, again, r)
		}
		again.Lifts[0][1] += 1e-9
		if again.Verify() {
			t.Errorf("%s: a changed lift verifies", name)
		}
	}
}

func TestCrossRenderErrors(t *testing.T) {
	r := cross(t, crossing(true))
	if err := r.Render(brokenPipe{}, Text); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a writer that fails gives %v", err)
	}
	if err := r.Render(io.Discard, Format(9)); err == nil || err.Error() != "audit: report format 9 is not known" {
		t.Errorf("an unknown format gives %v", err)
	}
}

// The schema of docs/crossed.md names every field of the JSON.
func TestCrossSchemaIsDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "docs", "crossed.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []any{CrossReport{}, CrossArm{}, CrossDesign{}} {
		for i := range reflect.TypeOf(of).NumField() {
			if name := reflect.TypeOf(of).Field(i).Tag.Get("json"); !strings.Contains(string(doc), "`"+name+"`") {
				t.Errorf("docs/crossed.md does not have `%s`", name)
			}
		}
	}
}
