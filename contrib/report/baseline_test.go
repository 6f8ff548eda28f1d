package report

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/baseline"
)

func TestCompare(t *testing.T) {
	detected, several := load(t, "testdata/01-detected.json"), load(t, "testdata/02-detectors.json")
	other, clean := load(t, "testdata/04-other-traits.json"), load(t, "testdata/05-clean.json")
	for _, c := range []struct {
		reason   string
		old, now *Saved
		results  []baseline.Result
		want     Tone
	}{
		{"the same audit", detected, detected, []baseline.Result{baseline.Same}, Undetected},
		{"a detector more, of a trait that it detects", detected, several, []baseline.Result{baseline.Same, baseline.New, baseline.New}, Detected},
		{"a detector less", several, detected, []baseline.Result{baseline.Same, baseline.Gone, baseline.Gone}, Inconclusive},
		{"other traits", detected, other, []baseline.Result{baseline.New, baseline.New, baseline.New, baseline.Gone}, Inconclusive},
		{"clean rows before", clean, detected, []baseline.Result{baseline.Higher}, Detected},
		{"clean rows now", detected, clean, []baseline.Result{baseline.Lower}, Undetected},
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
		if ch := c.Changes[0]; ch.Result != baseline.Unclear || !strings.Contains(ch.Reason, reason) || c.Tone() != Inconclusive {
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
		if err := now.Render(t.Context(), &b, f, Options{Baseline: c}); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s does not have %q (%v)", f, want, err)
		}
	}
}

// The page of a comparison names the report that it compares with, and a gate says in words that a
// comparison has no answer.
func TestComparisonNamesItsBaseline(t *testing.T) {
	old, now := load(t, "testdata/02-detectors.json"), load(t, "testdata/01-detected.json")
	c, err := Compare(old, now)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := now.Render(t.Context(), &b, HTML, Options{Baseline: c, FailOn: FailOnInconclusive}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{old.Audit.Digest.String(), "the comparison with the baseline finds no answer for every trait"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page does not have %q", want)
		}
	}
}
