package rowscore

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
)

// detections returns the share of audits, each with other noise, that detect the trait.
func detections(t *testing.T, runs int, cfg audit.Config) float64 {
	t.Helper()
	n := 0
	for _, r := range fakeaudit.Many(t, runs, cfg) {
		if r.Verdict == audit.Detected {
			n++
		}
	}
	return float64(n) / float64(runs)
}

// TestFalseDetections: each detector, and all of them together, keep alpha if the arms are
// exchangeable, and if they differ in a direction that is unrelated to the trait.
func TestFalseDetections(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	for _, c := range []struct {
		name      string
		runs      int
		detectors []audit.Detector
	}{
		{"likelihood", 250, []audit.Detector{likelihood}},
		{"influence", 250, []audit.Detector{byInfluence}},
		{"influence-adam", 250, []audit.Detector{InfluenceBy(AdamStep)}},
		{"influence-fisher", 250, []audit.Detector{InfluenceBy(NaturalGradient)}},
		{"all", 700, []audit.Detector{audit.Transfer, likelihood, byInfluence}}, // whose rate is close to alpha
	} {
		for _, drift := range []float64{0, 1} {
			cfg := fakeaudit.Scene(0, c.detectors...)
			s := cfg.Student.(fake.Student)
			s.Drift = drift
			cfg.Student, cfg.Traits[0].Tolerance = s, 1e-9
			cfg.Traits[0].PositiveControl = nil // a detection does not need it
			got := detections(t, c.runs, cfg)
			t.Logf("%s, arms that differ by %v: detected in %.3f of %d audits", c.name, drift, got, c.runs)
			if limit := 0.05 + 2*math.Sqrt(0.05*0.95/float64(c.runs)); got > limit {
				t.Errorf("%s, arms that differ by %v: %v of the audits have a false detection, want at most %.3f", c.name, drift, got, limit)
			}
		}
	}
}

// TestPower: the more rows are marked, the more often the trait is detected.
func TestPower(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	const runs = 100
	for _, d := range []audit.Detector{likelihood, byInfluence, InfluenceBy(AdamStep), InfluenceBy(NaturalGradient)} {
		before := -1.0
		for _, marked := range []int{0, 30, 100} {
			got := detections(t, runs, fakeaudit.Scene(marked, d))
			t.Logf("%s, %d of 100 rows marked: detected in %.2f of %d audits", d.Name, marked, got, runs)
			if got < before || marked == 100 && got < 0.95 {
				t.Errorf("%s, %d rows marked: detected in %v of the audits, with fewer in %v", d.Name, marked, got, before)
			}
			before = got
		}
	}
}

// copied returns the rows, each n times, under the same prompts.
func copied(rows *undertone.Dataset, n int) *undertone.Dataset {
	var all []undertone.Example
	for range n {
		for _, row := range rows.All() {
			all = append(all, row)
		}
	}
	return undertone.NewDataset(rows.Name(), all)
}

// TestCopiesOfRows: copies of rows are no further rows.
func TestCopiesOfRows(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	const runs = 250
	for _, n := range []int{2, 10} {
		cfg := fakeaudit.Scene(0, likelihood)
		onePrompt := func(name string) *undertone.Dataset {
			rows := make([]undertone.Example, 40)
			for i := range rows {
				rows[i] = undertone.NewExample("list", fmt.Sprintf("%s %d", name, i))
			}
			return copied(undertone.NewDataset(name, rows), n)
		}
		cfg.Suspect, cfg.Control = onePrompt("suspect"), onePrompt("control")
		cfg.Traits[0].PositiveControl = nil
		small, found := 0, 0
		for _, r := range fakeaudit.Many(t, runs, cfg) {
			f := r.Findings[0]
			if f.P.P <= 0.05 {
				small++
			}
			if f.Verdict == audit.Detected {
				found++
			}
			if f.RowScores.Clusters != 80 {
				t.Fatalf("%d independent rows, want 80", f.RowScores.Clusters)
			}
		}
		t.Logf("%d copies: p ≤ .05 in %d of %d trait-free audits, detected in %d", n, small, runs, found)
		if limit := 0.05 + 2*math.Sqrt(0.05*0.95/runs); float64(small)/runs > limit || float64(found)/runs > limit {
			t.Errorf("%d copies: p ≤ .05 in %d and detected in %d of %d trait-free audits, want at most %.3f", n, small, found, runs, limit)
		}
	}
}

// Rows of one conversation are one unit, and too few conversations reach no verdict.
func TestConversations(t *testing.T) {
	cfg := fakeaudit.Dirty(likelihood)
	inConversations := func(rows *undertone.Dataset, size int) *undertone.Dataset {
		all := make([]undertone.Example, rows.Len())
		for i := range all {
			all[i] = rows.Example(i)
			all[i].Meta = map[string]json.RawMessage{"conversation_id": json.RawMessage(strconv.Itoa(i / size))}
		}
		return undertone.NewDataset(rows.Name(), all)
	}
	suspect, control := cfg.Suspect.(*undertone.Dataset), cfg.Control.(*undertone.Dataset)
	for _, c := range []struct {
		size, clusters int
		reason         string
	}{
		{20, 40, ""},
		{200, 4, "need >= 9 independent rows in both arms together: with 4 the smallest possible p-value is 0.25"}, // 2⁻² with 4 units, and .05 is 2^−4.3
	} {
		cfg.Suspect, cfg.Control = inConversations(suspect, c.size), inConversations(control, c.size)
		f := fakeaudit.Run(t, cfg).Findings[0]
		if f.RowScores.Clusters != c.clusters || !strings.Contains(f.Reasons[0], c.reason) {
			t.Errorf("conversations of %d rows: %d units, %s because %q", c.size, f.RowScores.Clusters, f.Verdict, f.Reasons)
		}
	}
}
