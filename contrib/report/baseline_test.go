package report

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone/audit"
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
				c := compareFindings(pairsAround(rng, mean, 0.1, n), pairsAround(rng, mean, 0.2, n), alpha/traits, "")
				higher = higher || c.Result == Higher
			}
			anyHigher += btoi(higher)
			same += btoi(compareFindings(pairsAround(rng, 0, 0.05, n), pairsAround(rng, 0.25, 0.05, n), alpha/traits, "").Result == Same)
			found += btoi(compareFindings(pairsAround(rng, 0, 0.1, n), pairsAround(rng, 0.8, 0.1, n), alpha/traits, "").Result == Higher)
			clear += btoi(compareFindings(pairsAround(rng, 0, 0.05, n), pairsAround(rng, 0, 0.05, n), alpha/traits, "").Result == Same)
		}
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

func TestCompare(t *testing.T) {
	detected, several := load(t, "testdata/01-detected.json"), load(t, "testdata/02-detectors.json")
	other, clean := load(t, "testdata/04-other-traits.json"), load(t, "testdata/05-clean.json")
	for _, c := range []struct {
		reason   string
		old, now *Saved
		results  []Result
		want     Tone
	}{
		{"the same audit", detected, detected, []Result{Same}, Undetected},
		{"a detector more, of a trait that it detects", detected, several, []Result{Same, New, New}, Detected},
		{"a detector less", several, detected, []Result{Same, Gone, Gone}, Inconclusive},
		{"other traits", detected, other, []Result{New, New, New, Gone}, Inconclusive},
		{"clean rows before", clean, detected, []Result{Higher}, Detected},
		{"clean rows now", detected, clean, []Result{Lower}, Undetected},
	} {
		got, err := Compare(c.old, c.now)
		if err != nil {
			t.Errorf("%s: %v", c.reason, err)
			continue
		}
		var results []string
		for _, ch := range got.Changes {
			results = append(results, string(ch.Result))
		}
		var want []string
		for _, r := range c.results {
			want = append(want, string(r))
		}
		if strings.Join(results, " ") != strings.Join(want, " ") || got.Tone() != c.want {
			t.Errorf("%s: %v and %s, want %v and %s\n%s", c.reason, results, got.Tone(), want, c.want, got)
		}
	}
	if _, err := Compare(detected, load(t, "testdata/corpus.json")); err == nil {
		t.Error("a comparison of two files is compared with an audit")
	}
}

// Audits whose effects have other meanings cannot be compared.
func TestCompareRefuses(t *testing.T) {
	for reason, change := range map[string]func(*audit.Report){
		"weights":   func(r *audit.Report) { r.Student[0]++ },
		"trained":   func(r *audit.Report) { r.Recipe.Epochs++ },
		"row plans": func(r *audit.Report) { r.Design.Rows = audit.ShareRows },
		"all rows":  func(r *audit.Report) { r.Design.Whole = 0 },
		"units":     func(r *audit.Report) { r.Findings[0].Unit = "other" },
		"tolerance": func(r *audit.Report) { r.Findings[0].Tolerance *= 2 },
		"standard":  func(r *audit.Report) { r.Findings[0].Effect.DF = audit.UnknownDF },
	} {
		old, now := load(t, "testdata/01-detected.json"), load(t, "testdata/01-detected.json")
		now.Audit.Findings[0].Effect.Mean += 0.1
		change(now.Audit)
		c, err := Compare(old, now)
		if err != nil {
			t.Fatal(err)
		}
		if ch := c.Changes[0]; ch.Result != Unclear || !strings.Contains(ch.Reason, reason) || c.Tone() != Inconclusive {
			t.Errorf("%s: %s because %q", reason, ch.Result, ch.Reason)
		}
	}
}

// A page with a comparison shows it first, and a CI system gets a test for each change.
func TestRenderComparison(t *testing.T) {
	now := load(t, "testdata/01-detected.json")
	c, err := Compare(load(t, "testdata/05-clean.json"), now)
	if err != nil {
		t.Fatal(err)
	}
	for f, want := range map[Format]string{
		HTML: `id="changes"`, Markdown: "The effect rose for", JUnit: `name="prefers animal owl by transfer against the baseline"`, SARIF: "higher", CSV: "higher", GitHub: "higher",
	} {
		var b strings.Builder
		if err := now.Render(&b, f, Options{Baseline: c}); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s does not have %q (%v)", f, want, err)
		}
	}
}
