package clean

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
)

// saved returns a table that was saved, without checks.
func saved(t *testing.T) *DoseResponse {
	t.Helper()
	text, err := os.ReadFile("../../contrib/report/testdata/clean.json")
	if err != nil {
		t.Fatal(err)
	}
	r := new(DoseResponse)
	if err := json.Unmarshal(text, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// A table whose digest is that of its content is refused if no removal gives it.
func TestReadDoseResponseRefusesContradictions(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(*DoseResponse)
		want   string
	}{
		{"nothing", func(*DoseResponse) {}, ""},
		{"a detected step called undetected", func(r *DoseResponse) { r.Steps[0].Verdict = audit.Undetected }, "the verdict is undetected, which no finding supports"},
		{"an open step called detected", func(r *DoseResponse) { r.Steps[1].Verdict = audit.Detected }, "the verdict is detected, which no finding supports"},
		{"a finding called undetected", func(r *DoseResponse) { r.Steps[0].Findings[0].Verdict = audit.Undetected }, "is not within"},
		{"a finding called detected", func(r *DoseResponse) { r.Steps[1].Findings[0].Verdict = audit.Detected }, "the verdict is detected, but"},
		{"a p-value above alpha", func(r *DoseResponse) { r.Steps[0].Findings[0].PAdjusted = 0.2 }, "the adjusted p-value is 0.2, above 0.05"},
		{"a p-value of 0", func(r *DoseResponse) { r.Steps[0].Findings[0].PAdjusted = 0 }, "the adjusted p-value is 0,"},
		{"an effect outside its interval", func(r *DoseResponse) { r.Steps[0].Findings[0].Effect.Mean = 9 }, "does not hold the effect 9"},
		{"a negative standard error", func(r *DoseResponse) { r.Steps[0].Findings[0].Effect.SE = -1 }, "the standard error is -1"},
		{"an interval that is turned", func(r *DoseResponse) {
			f := &r.Steps[1].Findings[0]
			f.Interval.Low, f.Interval.High = f.Interval.High, f.Interval.Low
		}, "want a rising one"},
		{"a negative number of units", func(r *DoseResponse) { r.Steps[1].Findings[0].Effect.N = -3 }, "-3 units"},
		{"a tolerance of 0", func(r *DoseResponse) { r.Steps[1].Findings[0].Tolerance = 0 }, "the tolerance is 0"},
		{"no steps", func(r *DoseResponse) { r.Steps = []Step{} }, "no steps"},
		{"no data set as it is", func(r *DoseResponse) { r.Steps = r.Steps[1:] }, "want the data set as it is"},
		{"shares that fall", func(r *DoseResponse) {
			r.Steps[0], r.Steps[1] = r.Steps[1], r.Steps[0]
			r.Steps[0].Share, r.Steps[0].Removed = 0, 0
			r.Steps[1].Share = 0
		}, "numbers in [0, 1) that rise"},
		{"another number of removed rows", func(r *DoseResponse) { r.Steps[1].Removed++ }, "of 762 rows"},
		{"replaced rows of a table that drops", func(r *DoseResponse) { r.Steps[1].Replaced = 1 }, "replaces 1"},
		{"a step without findings", func(r *DoseResponse) { r.Steps[1].Findings = []StepFinding{} }, "it has 0 findings"},
		{"a step by another detector", func(r *DoseResponse) { r.Steps[1].Findings[0].Detector = "other" }, "that of the first step by"},
		{"another unit", func(r *DoseResponse) { r.Unit = "bytes" }, "its unit is"},
		{"another action", func(r *DoseResponse) { r.Action = "sell" }, "its action is"},
		{"no rows", func(r *DoseResponse) { r.Suspect.Rows = 0 }, "want >= 1"},
		{"a row out of range", func(r *DoseResponse) { r.Top[0].Index = r.Suspect.Rows }, "want an index in [0, 762)"},
		{"rows in another order", func(r *DoseResponse) { r.Top[0], r.Top[1] = r.Top[1], r.Top[0] }, "falling scores"},
		{"the history of other rows", func(r *DoseResponse) { r.Control.History = &audit.History{Records: make([]audit.Origin, 1)} }, "the history of the control rows"},
	} {
		r := saved(t)
		c.change(r)
		if err := r.setDigest(); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ReadDoseResponse(bytes.NewReader(text))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.reason, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v; want %q", c.reason, err, c.want)
		}
	}
}
