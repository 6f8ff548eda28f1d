package audit

import (
	"math"
	"slices"
	"testing"
)

// TestLimitOfDetection: data with the stated dose of planted rows is found about as often as stated.
func TestLimitOfDetection(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	const runs = 100
	for name, d := range map[string]Detector{"likelihood": standIns, "influence": Influence, "transfer": Transfer} {
		cfg := scene(0, d)
		cfg.Rows = ShareRows // a replicate has the dose of the whole
		var doses []float64
		for _, r := range many(t, 20, cfg) {
			if l := r.Findings[0].Limit; l != nil && l.Reached {
				doses = append(doses, l.Dose)
			}
		}
		if len(doses) < 15 {
			t.Errorf("%s: %d limits of 20 audits of clean data", name, len(doses))
			continue
		}
		slices.Sort(doses)
		dose := doses[len(doses)/2]
		at := func(dose float64) float64 {
			cfg := scene(int(math.Round(100*dose)), d)
			cfg.Rows = ShareRows
			return share(many(t, runs, cfg), is(Detected))
		}
		got, half := at(dose), at(dose/2)
		t.Logf("%s: limit %.2f (of 20 audits %.2f to %.2f), found there in %.2f, at half of it in %.2f of %d audits", name, dose, doses[0], doses[len(doses)-1], got, half, runs)
		if got < 0.85 || half > 0.9 || half >= got {
			t.Errorf("%s: at the limit of %v it is found in %v of the audits, at half of it in %v", name, dose, got, half)
		}
	}
}
