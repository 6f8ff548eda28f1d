package baseline

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
)

// pairsAround returns an estimate of n pairs around a mean.
func pairsAround(rng *rand.Rand, mean, sd float64, n int) audit.Finding {
	d := make([]float64, n)
	for i := range d {
		d[i] = mean + sd*rng.NormFloat64()
	}
	m, s := stat.MeanStdDev(d, nil)
	f := audit.Finding{Trait: "owl", Detector: "transfer"}
	f.Unit, f.Tolerance = "nats", 0.25
	f.Effect = audit.Estimate{Mean: m, SE: s / math.Sqrt(float64(n)), N: n, DF: float64(n - 1)}
	return f
}

// The gate calls an effect that did not rise higher in at most alpha of audits, over all traits; it
// calls an effect that rose by the margin the same in at most alpha; and it finds a large rise.
func TestComparisonCalibration(t *testing.T) {
	const (
		runs   = 3000
		traits = 3
		alpha  = 0.05
	)
	rng := rand.New(rand.NewPCG(1, 19))
	for _, n := range []int{4, 8} {
		var anyHigher, same, found, clear int
		for range runs {
			higher := false
			for range traits {
				mean := rng.NormFloat64()
				c := compareFindings(pairsAround(rng, mean, 0.1, n), pairsAround(rng, mean, 0.2, n), alpha/traits, "", false)
				higher = higher || c.Result == Higher
			}
			anyHigher += one(higher)
			same += one(compareFindings(pairsAround(rng, 0, 0.05, n), pairsAround(rng, 0.25, 0.05, n), alpha/traits, "", false).Result == Same)
			found += one(compareFindings(pairsAround(rng, 0, 0.1, n), pairsAround(rng, 0.8, 0.1, n), alpha/traits, "", false).Result == Higher)
			clear += one(compareFindings(pairsAround(rng, 0, 0.05, n), pairsAround(rng, 0, 0.05, n), alpha/traits, "", false).Result == Same)
		}
		t.Logf("%d pairs, of %d: any higher %d, a rise by the margin the same %d, a large rise higher %d, equal effects the same %d", n, runs, anyHigher, same, found, clear)
		limit := alpha + 3*math.Sqrt(alpha*(1-alpha)/runs)
		if share := float64(anyHigher) / runs; share > limit {
			t.Errorf("%d pairs: a rise is called in %.4f of audits without one, want at most %g", n, share, alpha)
		}
		if share := float64(same) / runs; share > limit {
			t.Errorf("%d pairs: a rise by the margin is called the same in %.4f of audits, want at most %g", n, share, alpha)
		}
		if share := float64(found) / runs; share < 0.9 {
			t.Errorf("%d pairs: a rise of 0.8 is found in %.4f of audits, want 0.9", n, share)
		}
		if share := float64(clear) / runs; share < 0.9 {
			t.Errorf("%d pairs: equal effects are called the same in %.4f of audits, want 0.9", n, share)
		}
	}
}

func TestJudgeDifference(t *testing.T) {
	for _, c := range []struct {
		low, high, margin float64
		want              Result
		reason            string
	}{
		{-0.1, 0.1, 0.25, Same, "within the margin"},
		{0.05, 0.2, 0.25, Same, "above zero, but it cannot matter"},
		{0.05, 0.3, 0.25, Higher, "above zero, and it may matter"},
		{-0.3, -0.05, 0.25, Lower, "below zero, and it may matter"},
		{-0.1, 0.3, 0.25, Unclear, "too wide"},
		{-0.1, 0.1, 0, Unclear, "no margin is known"},
		{0.05, 0.1, 0, Higher, "above zero without a margin"},
	} {
		if got := judgeDifference(audit.Interval{Low: c.low, High: c.high}, c.margin); got != c.want {
			t.Errorf("[%v, %v] with margin %v is %s, want %s: %s", c.low, c.high, c.margin, got, c.want, c.reason)
		}
	}
}

// Equal numbers are no change only if they are those of one design and of the same rows.
func TestCompareOfEqualMeasurements(t *testing.T) {
	digest := undertone.NewHasher("other").Sum()
	for _, c := range []struct {
		reason  string
		change  func(*audit.Report)
		want    Result
		why     string
		warning string
	}{
		{"one audit", func(*audit.Report) {}, Same, "", ""},
		{"other weights", func(r *audit.Report) { r.Student = digest }, Unclear, "the students have other weights", ""},
		{"another recipe", func(r *audit.Report) { r.Recipe.Epochs = 9 }, Unclear, "the students are trained in another way", ""},
		{"another trainer", func(r *audit.Report) { r.Trainer = &student.TrainerInfo{Key: digest} }, Unclear, "the students are trained by another program", ""},
		{"another row plan", func(r *audit.Report) { r.Design.Rows = audit.ShareRows }, Unclear, "the row plans differ", ""},
		{"parts of another size", func(r *audit.Report) { r.Design.Replicates = 9 }, Unclear, "the students are trained on parts of other sizes", ""},
		{"other placebos", func(r *audit.Report) { r.Findings[0].Placebos.Effects[0].Name = "fox" }, Unclear, "the placebos differ", ""},
		{"no placebos", func(r *audit.Report) { r.Findings[0].Placebos = nil }, Unclear, "the placebos differ", ""},
		{"another judge", func(r *audit.Report) {
			r.Findings[0].Replicates = &audit.ReplicateMeasurement{Judge: &audit.JudgeInfo{Model: "another"}}
		}, Unclear, "the answers are read by another judge", ""},
		{"other rows of wide effects", func(r *audit.Report) { r.Suspect.Digest = digest }, Unclear, "the audits are too small to tell", ""},
		{"another control of wide effects", func(r *audit.Report) { r.Control.Digest = digest }, Unclear, "the audits are too small to tell", "the control rows are others, so a difference may be that of the controls"},
		{"another version", func(r *audit.Report) { r.Version = "99.0.0" }, Same, "", "the versions of the library are 0.1.0 and 99.0.0"},
	} {
		report := func() *audit.Report {
			f := pairsAround(rand.New(rand.NewPCG(3, 19)), 0, 1, 4)
			f.Placebos = &audit.PlaceboRank{Rank: 1, Of: 2, Effects: []audit.PlaceboEffect{{Name: "cat"}}}
			return &audit.Report{
				Version: "0.1.0", Findings: []audit.Finding{f},
				Design: audit.DesignInfo{Design: audit.Design{Alpha: 0.05, Rows: audit.PartRows, Replicates: 4}},
			}
		}
		now := report()
		c.change(now)
		got := Compare(report(), now)
		if change := got.Changes[0]; change.Result != c.want || change.Reason != c.why {
			t.Errorf("%s: the result is %s because %q, want %s because %q", c.reason, change.Result, change.Reason, c.want, c.why)
		}
		if warned := strings.Join(got.Warnings, "; "); warned != c.warning {
			t.Errorf("%s: the warnings are %q, want %q", c.reason, warned, c.warning)
		}
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// With interim looks, the interval is that from one confidence sequence to the other: wider than
// that of Welch.
func TestSequential(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 19))
	finding := func(interim bool) audit.Finding {
		f := pairsAround(rng, 0, 0.1, 8)
		f.Replicates = &audit.ReplicateMeasurement{Interim: interim}
		for range 8 {
			f.Replicates.Differences = append(f.Replicates.Differences, 0.1*rng.NormFloat64())
		}
		return f
	}
	old, now := finding(true), finding(true)
	got, ok := sequential(old, now, 0.05)
	welch := difference(old.Effect, now.Effect).Interval(0.9)
	if !ok || got.High-got.Low <= welch.High-welch.Low {
		t.Errorf("the interval is %v, %v, want one wider than %v", got, ok, welch)
	}
	if _, ok := sequential(finding(false), finding(false), 0.05); ok {
		t.Error("a design without interim looks has a sequential interval")
	}
}
