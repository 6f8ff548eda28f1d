package factorial

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
)

func TestReadReportRefusesContradictions(t *testing.T) {
	text, err := os.ReadFile("testdata/detected.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadReport(bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		change func(*Report)
		want   string
	}{
		{func(r *Report) { r.Verdict = audit.Undetected }, "the verdict is undetected, but by its numbers detected"},
		{func(r *Report) { r.PReplicates.P = 0.9 }, "the verdict is detected, but by its numbers inconclusive"},
		{func(r *Report) { r.PReplicates.P = 2 }, "a p-value is 2"},
		{func(r *Report) { r.Design.Alpha = 0.7 }, "alpha is 0.7"},
	} {
		r := new(Report)
		if err := json.Unmarshal(text, r); err != nil {
			t.Fatal(err)
		}
		c.change(r)
		if err := r.seal(); err != nil {
			t.Fatal(err)
		}
		changed, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadReport(bytes.NewReader(changed)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is %v; want %q", err, c.want)
		}
	}
}
