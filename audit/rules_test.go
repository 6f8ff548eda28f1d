package audit

import (
	"context"
	"strings"
	"testing"
)

// said is a detector that finds of every trait what it is told to.
func said(name string, v Verdict, p float64) Detector {
	return Detector{Name: name, Run: func(_ context.Context, pass *Pass) ([]Finding, error) {
		var all []Finding
		for _, t := range pass.Traits {
			all = append(all, Finding{Detector: name, Trait: t.Name, Verdict: v, P: P{P: p}, Reasons: []string{}, Warnings: []string{}})
		}
		return all, nil
	}}
}

func TestConclude(t *testing.T) {
	f := func(detector string, v Verdict) Finding { return Finding{Detector: detector, Verdict: v} }
	for _, c := range []struct {
		reason   string
		findings []Finding
		want     Verdict
		because  string
		by       int
	}{
		{"nothing was looked at", nil, Inconclusive, "transfer was not run", 0},
		{"transfer detects", []Finding{f("transfer", Detected)}, Detected, "found by transfer", 1},
		{"transfer clears", []Finding{f("transfer", Undetected)}, Undetected, "excludes a shift", 0},
		{"transfer clears, another is unsure", []Finding{f("likelihood", Inconclusive), f("transfer", Undetected)}, Undetected, "excludes", 0},
		{"transfer clears, another sees a trace", []Finding{{Detector: "likelihood", Verdict: Undetected, trace: true}, f("transfer", Undetected)}, Undetected, "the trait is present by likelihood, but smaller than what matters", 0},
		{"transfer clears, another detects", []Finding{f("likelihood", Detected), f("transfer", Undetected)}, Detected, "the students of this audit did not move", 1},
		{"transfer is unsure, another clears", []Finding{f("likelihood", Undetected), f("transfer", Inconclusive)}, Inconclusive, "transfer is inconclusive", 0},
		{"another clears alone", []Finding{f("likelihood", Undetected), f("influence", Undetected)}, Inconclusive, "transfer was not run", 0},
		{"two detect", []Finding{f("likelihood", Detected), f("influence", Detected), f("transfer", Inconclusive)}, Detected, "likelihood and by influence", 2},
	} {
		got := conclude("owl", c.findings)
		if got.Verdict != c.want || !strings.Contains(strings.Join(got.Reasons, "; "), c.because) || len(got.DetectedBy) != c.by || got.DetectedBy == nil {
			t.Errorf("%s: %+v, want %s because of %q", c.reason, got, c.want, c.because)
		}
	}
}

func TestOverall(t *testing.T) {
	i, d, u := TraitVerdict{Verdict: Inconclusive}, TraitVerdict{Verdict: Detected}, TraitVerdict{Verdict: Undetected}
	for _, c := range []struct {
		reason string
		traits []TraitVerdict
		want   Verdict
	}{
		{"nothing was looked at", nil, Inconclusive},
		{"one detected is enough", []TraitVerdict{u, i, d}, Detected},
		{"all undetected", []TraitVerdict{u, u}, Undetected},
		{"one open question keeps all open", []TraitVerdict{u, i}, Inconclusive},
	} {
		if got := overall(c.traits); got != c.want {
			t.Errorf("%s: %s, want %s", c.reason, got, c.want)
		}
	}
}

// Alpha is that of the whole audit: p-values of all detectors and traits are adjusted together.
func TestHolmRunsOverDetectorsAndTraits(t *testing.T) {
	cfg := world()
	cfg.Traits = append(cfg.Traits, prefers("cat"))
	cfg.Detectors = []Detector{said("one", Detected, 0.01), said("two", Detected, 0.02)}
	r := run(t, cfg)
	if r.Design.Tests != 4 || r.Verdict != Detected {
		t.Errorf("%d tests, %s", r.Design.Tests, r.Verdict)
	}
	for i, want := range []float64{0.04, 0.04, 0.04, 0.04} { // 4·.01, 3·.01, 2·.02, 1·.02, and never less than the one before
		if got := r.Findings[i].PAdjusted; got != want {
			t.Errorf("finding %d: adjusted p %v, want %v", i, got, want)
		}
	}
	// A detector that says detected on its own p-value is overruled.
	cfg.Detectors = []Detector{said("one", Detected, 0.03), said("two", Inconclusive, 1)}
	r = run(t, cfg)
	if f := r.Findings[0]; f.Verdict != Inconclusive || r.Verdict != Inconclusive || !strings.Contains(strings.Join(f.Reasons, ""), "over all traits and detectors") {
		t.Errorf("p .03 in a family of four: %s, %v", f.Verdict, f.Reasons)
	}
	// More tests need more pairs.
	cfg.Detectors = []Detector{Transfer, said("one", Inconclusive, 1)}
	if r = run(t, cfg); r.Design.ReplicatesNeeded != 7 {
		t.Errorf("%d replicates are needed for four tests, want 7", r.Design.ReplicatesNeeded)
	}
}

// Arms that differ are evidence, and never a verdict.
func TestEvidenceIsNoVerdict(t *testing.T) {
	cfg := world()
	differ := Detector{Name: "looks", Compare: func(context.Context, *Pass) (*Evidence, error) {
		return &Evidence{Differ: true, Statement: "the arms can be told apart", P: P{P: 1e-9}, Top: []RowScore{}, Warnings: []string{}}, nil
	}}
	cfg.Detectors = []Detector{differ}
	r := run(t, cfg)
	if r.Verdict != Inconclusive || r.Traits[0].Verdict != Inconclusive || len(r.Evidence) != 1 || r.Evidence[0].Detector != "looks" || r.Design.Tests != 0 {
		t.Errorf("%s, %+v", r.Verdict, r.Evidence)
	}
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "looks: the arms can be told apart") {
		t.Errorf("warnings %q", r.Warnings)
	}
	cfg.Detectors = []Detector{differ, Transfer}
	if r = run(t, cfg); r.Verdict != Undetected || r.Design.Tests != 1 {
		t.Errorf("with transfer %s, %d tests", r.Verdict, r.Design.Tests)
	}
	for _, f := range []Format{Text, Markdown} {
		var b strings.Builder
		if err := r.Render(&b, f); err != nil || strings.Count(b.String(), "the arms can be told apart") != 2 {
			t.Errorf("format %d does not show the evidence and its warning, error %v", f, err)
		}
	}
}
