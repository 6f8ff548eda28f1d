package audit

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// TestTooFewRows: a detector that cannot tell says how many rows it needs, and these do.
func TestTooFewRows(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	cfg := scene(0, standIns)
	take := func(n int) {
		cfg.Suspect, cfg.Control = fake.Rows("suspect", n, 0, ""), fake.Rows("control", n, 0, "")
		cfg.Traits[0].PositiveControl = fake.Rows("planted", 400, 400, "owl")
	}
	take(60)
	var needed []int
	for _, r := range many(t, 40, cfg) {
		if f := r.Findings[0]; f.Verdict == Inconclusive && f.Needed > 0 {
			needed = append(needed, f.Needed)
			if all := strings.Join(f.Reasons, "; "); !strings.Contains(all, fmt.Sprintf("need about %d rows", f.Needed)) {
				t.Fatalf("the reasons are %q", all)
			}
		}
	}
	if len(needed) < 20 {
		t.Fatalf("%d of 40 audits of 60 rows say what they need", len(needed))
	}
	slices.Sort(needed)
	n := needed[len(needed)/2]
	take(n)
	got := share(many(t, 60, cfg), func(r *Report) bool { return r.Findings[0].Verdict == Undetected })
	t.Logf("60 rows need %d; with these %.2f of the audits are settled", n, got)
	if got < 0.85 {
		t.Errorf("with the %d rows that were asked for %v of the audits are settled, want .95", n, got)
	}
}

// TestTooFewPairs is the same for pairs of students.
func TestTooFewPairs(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	cfg := world()
	s := cfg.Student.(fake.Student)
	s.Noise = 0.25 // of which the interval of six pairs is too wide
	cfg.Student = s
	var needed []int
	for _, r := range many(t, 40, cfg) {
		if f := r.Findings[0]; f.Needed > 0 {
			needed = append(needed, f.Needed)
		}
	}
	slices.Sort(needed)
	if len(needed) < 20 {
		t.Fatalf("%d of 40 audits say what they need", len(needed))
	}
	cfg.Replicates = needed[len(needed)/2]
	got := share(many(t, 60, cfg), is(Undetected))
	t.Logf("6 pairs need %d; with these %.2f of the audits are settled", cfg.Replicates, got)
	if got < 0.75 {
		t.Errorf("with the %d pairs that were asked for %v of the audits are settled, want about .95", cfg.Replicates, got)
	}
}

func TestEnough(t *testing.T) {
	for _, c := range []struct {
		reason           string
		n                int
		se, delta, level float64
		want             int
	}{
		{"(1.645 + 1.645)² units of spread and effect 1", 1, 1, 1, 0.05, 11},
		{"twice the effect needs a quarter", 1, 1, 0.5, 0.05, 44},
		{"never fewer than there are and one", 100, 0.01, 1, 0.05, 101},
		{"no effect is seen by no number", 10, 1, 0, 0.05, 0},
		{"nor is one on the other side", 10, 1, -1, 0.05, 0},
		{"nor one that is not a number", 10, 1, math.NaN(), 0.05, 0},
		{"no number that nobody has", 10, 1, 1e-9, 0.05, 0},
	} {
		if got := enough(c.n, c.se, c.delta, c.level, 0.95); got != c.want {
			t.Errorf("%s: %d, want %d", c.reason, got, c.want)
		}
	}
}
