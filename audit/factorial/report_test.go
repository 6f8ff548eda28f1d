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
		{func(r *Report) { r.Verdict, r.Reasons = audit.Inconclusive, []string{"nothing"} }, "the verdict is inconclusive, but by its numbers detected"},
		{func(r *Report) { r.Reasons[0] = "nothing was found" }, "its reasons are"},
		{func(r *Report) { r.Needed = 7 }, "it needs 7 replicates, but by its numbers 0"},
		{func(r *Report) { r.PReplicates.P = 0.9 }, "the p-value over replicates is 0.9"},
		{func(r *Report) { r.PAssignments.P /= 2 }, "the p-value over assignments is"},
		{func(r *Report) { r.PAssignments.Floor = 0 }, "the p-value over assignments is"},
		{func(r *Report) { r.Design.ArmsNeeded = 2 }, "2 arms, but by its alpha"},
		{func(r *Report) { r.Design.ReplicatesNeeded = 2 }, "it needs 2 replicates and"},
		{func(r *Report) { r.Design.Replicates = -1 }, "it has -1 replicates"},
		{func(r *Report) { r.Design.RowsEach = -4 }, "trained on -4 rows"},
		{func(r *Report) { r.Design.Dose = 0.5 }, "which a crossed experiment does not have"},
		{func(r *Report) { r.Tolerance = -3 }, "the tolerance is -3"},
		{func(r *Report) { r.Scale = "feet" }, `the scale "feet"`},
		{func(r *Report) { r.Recipe.Epochs = -1 }, "epochs is -1"},
		{func(r *Report) { r.Arms = []Arm{} }, "it has 0 arms"},
		{func(r *Report) { r.Arms[0].Data.Rows = 0 }, "arm 0 has 0 rows"},
		{func(r *Report) { r.Arms[1].Trait = r.Arms[0].Trait }, "is listed twice"},
		{func(r *Report) { r.Control.Rows = -1 }, "the control has -1 rows"},
		{func(r *Report) { r.ByReplicate = r.ByReplicate[1:] }, "it has γ of"},
		{func(r *Report) { r.ByReplicate[0] = -1 }, "but by its replicates"},
		{func(r *Report) { r.Gamma.Mean = 9 }, "γ is +9.000"},
		{func(r *Report) { r.Gamma.Low = 0 }, "but by its replicates"},
		{func(r *Report) { r.Lifts = nil }, "its lifts are no table"},
		{func(r *Report) { r.Lifts[1] = r.Lifts[1][1:] }, "its lifts are no table"},
		{func(r *Report) { r.Residuals = r.Residuals[1:] }, "its residuals are no table"},
		{func(r *Report) { r.Lifts[0][1]++ }, "but by the lifts"},
		{func(r *Report) { r.Residuals[0][1]++ }, "residual 1 of arm 0"},
		{func(r *Report) { r.Arms[0].Rank = 77 }, "the rank is 77, but by the residuals 1"},
		{func(r *Report) { r.Arms[0].Lift.Mean++ }, "arm 0: the lift is"},
		{func(r *Report) { r.Arms[0].Lift.High++ }, "arm 0: the lift is"},
		{func(r *Report) { r.Arms[0].Lift.Level = 0.5 }, "arm 0: the lift is"},
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
