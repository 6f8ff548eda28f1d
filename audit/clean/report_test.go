package clean

import (
	"bytes"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
)

// A table that was written is read, and a changed one is refused. The names of the data sets
// are not part of its digest, and the reports of the steps stay where they are.
func TestReadDoseResponse(t *testing.T) {
	r := &DoseResponse{
		Suspect: audit.DataInfo{Name: "a", Rows: 10}, Control: audit.DataInfo{Name: "b", Rows: 10}, By: "likelihood", Trait: "owl", Unit: "rows", Action: "drop",
		Steps: []Step{{Findings: []StepFinding{{Detector: "transfer", Unit: "nats", Tolerance: 0.25, PAdjusted: 1}}, Report: new(audit.Report)}},
	}
	if err := r.setDigest(); err != nil || r.Steps[0].Report == nil {
		t.Fatalf("%v; the report of a step is %v", err, r.Steps[0].Report)
	}
	var b bytes.Buffer
	if err := r.Render(&b, audit.JSON); err != nil {
		t.Fatal(err)
	}
	got, err := ReadDoseResponse(bytes.NewReader(b.Bytes()))
	if err != nil || got.Digest != r.Digest || got.Steps[0].Findings[0].Tolerance != 0.25 || !got.Verify() {
		t.Errorf("%v; the table that was read is %+v", err, got)
	}
	for _, c := range []struct {
		reason, old, new string
		ok               bool
	}{
		{"another name", `"name": "a"`, `"name": "c"`, true},
		{"another number", `"tolerance": 0.25`, `"tolerance": 0.5`, false},
		{"another schema", Schema, "undertone.clean/9", false},
		{"a field more", `"by":`, `"more": 1, "by":`, false},
	} {
		text := strings.Replace(b.String(), c.old, c.new, 1)
		if text == b.String() {
			t.Fatalf("%s: the text has no %s", c.reason, c.old)
		}
		if _, err := ReadDoseResponse(strings.NewReader(text)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.reason, err)
		}
	}
}
