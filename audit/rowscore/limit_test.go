package rowscore

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
)

// median returns the median of values, the larger one of the middle two. It sorts values.
func median[T int | float64](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// share returns the share of reports for which is holds.
func share(reports []*audit.Report, is func(audit.Finding) bool) float64 {
	n := 0
	for _, r := range reports {
		if is(r.Findings[0]) {
			n++
		}
	}
	return float64(n) / float64(len(reports))
}

// TestLimitOfDetection: data with the stated dose of positive-control rows is found about as
// often as stated, and data with half of the dose less often.
func TestLimitOfDetection(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	const runs = 100
	for _, d := range []audit.Detector{likelihood, byInfluence, audit.Transfer} {
		scene := func(marked int) audit.Config {
			cfg := fakeaudit.Scene(marked, d)
			cfg.Dose, cfg.Whole = 1, 12
			return cfg
		}
		// The limit of transfer is that of finding a shift; its verdict needs more pairs than that.
		is := func(f audit.Finding) bool {
			return f.Verdict == audit.Detected || f.Replicates != nil && f.Effect.Mean >= f.Tolerance && f.Interval.Low > 0
		}
		var doses []float64
		for _, r := range fakeaudit.Many(t, 20, scene(0)) {
			if l := r.Findings[0].Limit; l != nil && l.Reached {
				doses = append(doses, l.Dose)
			}
		}
		if len(doses) < 15 {
			t.Errorf("%s: %d limits of 20 audits of clean data", d.Name, len(doses))
			continue
		}
		dose := median(doses)
		at := func(dose float64) float64 {
			return share(fakeaudit.Many(t, runs, scene(int(math.Round(100*dose)))), is)
		}
		got, half := at(dose), at(dose/2)
		t.Logf("%s: limit %.2f (of 20 audits %.2f to %.2f), found there in %.2f, at half of it in %.2f of %d audits", d.Name, dose, doses[0], doses[len(doses)-1], got, half, runs)
		if got < 0.85 || half > 0.9 || half >= got {
			t.Errorf("%s: at the limit of %v it is found in %v of the audits, at half of it in %v", d.Name, dose, got, half)
		}
	}
}

// TestRowsNeeded: an inconclusive audit says how many rows it needs, and with so many rows most
// audits settle the trait.
func TestRowsNeeded(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	scene := func(n int) audit.Config {
		cfg := fakeaudit.Scene(0, likelihood)
		cfg.Suspect, cfg.Control = fake.Rows("suspect", n, 0, ""), fake.Rows("control", n, 0, "")
		cfg.Traits[0].PositiveControl = fake.Rows("planted", 400, 400, "owl")
		return cfg
	}
	var needed []int
	for _, r := range fakeaudit.Many(t, 40, scene(60)) {
		if f := r.Findings[0]; f.Verdict == audit.Inconclusive && f.Needed > 0 {
			needed = append(needed, f.Needed)
			if all := strings.Join(f.Reasons, "; "); !strings.Contains(all, fmt.Sprintf("need about %d rows", f.Needed)) {
				t.Fatalf("the reasons are %q", all)
			}
		}
	}
	if len(needed) < 20 {
		t.Fatalf("%d of 40 audits of 60 rows say what they need", len(needed))
	}
	n := median(needed)
	got := share(fakeaudit.Many(t, 60, scene(n)), func(f audit.Finding) bool { return f.Verdict == audit.Undetected })
	t.Logf("60 rows need %d; with these %.2f of the audits are settled", n, got)
	if got < 0.85 {
		t.Errorf("with the %d rows that are needed %v of the audits are settled, want 0.95", n, got)
	}
}

// TestReplicatesNeeded is the same for the replicates on all rows of the transfer detector.
func TestReplicatesNeeded(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	words := fakeaudit.Animals[:4]
	trait := fakeaudit.Prefers("owl", words...)
	trait.PositiveControl = fake.Rows("planted", 240, 240, "owl")
	cfg := audit.Config{
		Suspect: fake.Rows("suspect", 240, 0, ""), Control: fake.Rows("control", 240, 0, ""),
		Student: fake.Student{Slope: 1, Noise: 0.25, Shared: 1}, // with 6 replicates the interval is too wide
		Traits:  []audit.Trait{trait}, Design: audit.Design{Replicates: 6, Dose: 1},
	}
	var needed []int
	for _, r := range fakeaudit.Many(t, 40, cfg) {
		if f := r.Findings[0]; f.Needed > 0 {
			needed = append(needed, f.Needed)
		}
	}
	if len(needed) < 20 {
		t.Fatalf("%d of 40 audits say what they need", len(needed))
	}
	cfg.Whole = median(needed)
	got := share(fakeaudit.Many(t, 60, cfg), func(f audit.Finding) bool { return f.Verdict == audit.Undetected })
	t.Logf("6 replicates on all rows need %d; with these %.2f of the audits are settled", cfg.Whole, got)
	if got < 0.75 {
		t.Errorf("with the %d replicates that are needed %v of the audits are settled, want about 0.95", cfg.Whole, got)
	}
}
