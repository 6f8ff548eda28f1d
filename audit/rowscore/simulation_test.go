package rowscore

import (
	"math"
	"testing"

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
		{"influence", 250, []audit.Detector{Influence}},
		{"influence-adam", 250, []audit.Detector{InfluenceBy(AdamStep)}},
		{"influence-fisher", 250, []audit.Detector{InfluenceBy(NaturalGradient)}},
		{"all", 700, []audit.Detector{audit.Transfer, likelihood, Influence}}, // whose rate is close to alpha
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
	for _, d := range []audit.Detector{likelihood, Influence, InfluenceBy(AdamStep), InfluenceBy(NaturalGradient)} {
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
