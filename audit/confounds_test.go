package audit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/confound"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// withLineFeeds returns the rows with a line feed after each answer.
func withLineFeeds(data undertone.Data) *undertone.Dataset {
	text := data.(undertone.Text)
	rows := make([]undertone.Example, text.Len())
	for i := range rows {
		e := text.Example(i)
		rows[i] = undertone.NewExample(e.Prompt(), e.Completion()+"\n")
	}
	return undertone.NewDataset(data.Name(), rows)
}

// A difference of layout forbids both verdicts, unless the audit accepts it by name. The findings
// keep their own verdicts.
func TestConfoundsForbidVerdicts(t *testing.T) {
	for _, c := range []struct {
		reason string
		marked int
		layout bool // a line feed on one arm
		accept []string
		want   Verdict
		own    Verdict // of the finding
		why    string  // start of the first reason
	}{
		{"no trait", 0, false, nil, Undetected, Undetected, "transfer excludes"},
		{"no trait, another layout", 0, true, nil, Inconclusive, Undetected, "confounded by layout: surrounding white space (total variation 1.00, margin 0.10; "},
		{"no trait, another layout is accepted", 0, true, []string{"layout"}, Undetected, Undetected, "transfer excludes"},
		{"a trait in the open", 240, false, nil, Inconclusive, Detected, "confounded by layout: first and last character (total variation 1.00, "},
		{"a trait in the open, one of two differences is accepted", 240, false, []string{"layout"}, Inconclusive, Detected, "confounded by lengths: characters of the answer ("},
		{"a trait in the open, accepted", 240, false, []string{"lengths", "layout"}, Detected, Detected, "detected by transfer"},
		{"accepted in vain", 0, false, []string{"script"}, Undetected, Undetected, "transfer excludes"},
	} {
		cfg := world()
		cfg.AcceptConfounds = c.accept
		cfg.Suspect = fake.Rows("suspect", 240, c.marked, "owl")
		if c.layout {
			cfg.Suspect = withLineFeeds(cfg.Suspect)
		}
		r := run(t, cfg)
		v := r.Traits[0]
		if r.Verdict != c.want || v.Verdict != c.want || r.Findings[0].Verdict != c.own || !strings.HasPrefix(v.Reasons[0], c.why) {
			t.Errorf("%s: %s, trait %s because %q, finding %s", c.reason, r.Verdict, v.Verdict, v.Reasons, r.Findings[0].Verdict)
		}
		if confounded := strings.HasPrefix(v.Reasons[0], "confounded by "); confounded != strings.Contains(v.Reasons[0], fmt.Sprintf("without this difference the verdict would be %s", c.own)) {
			t.Errorf("%s: reasons %q", c.reason, v.Reasons)
		}
		accepted := slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.HasPrefix(w, "accepted: the arms differ in ") })
		if want := len(c.accept) > 0 && len(r.Confounds.Differ) > 0; accepted != want {
			t.Errorf("%s: warnings %q", c.reason, r.Warnings)
		}
		if len(r.Confounds.Accepted) != len(c.accept) || !r.Verify() {
			t.Errorf("%s: accepted %q, verifies: %v", c.reason, r.Confounds.Accepted, r.Verify())
		}
	}
}

func TestConfoundsErrors(t *testing.T) {
	cfg := world()
	cfg.AcceptConfounds = []string{"smell"}
	if _, err := Run(t.Context(), cfg); err == nil || !strings.HasPrefix(err.Error(), `audit: accepted differences: there is no confound check "smell"; there are layout, `) {
		t.Errorf("%v", err)
	}
}

// Rows that are no text are not compared, and have a verdict.
func TestConfoundsNeedText(t *testing.T) {
	cfg := world()
	cfg.Suspect, cfg.Control = opaque{cfg.Suspect}, opaque{cfg.Control}
	if c, err := cfg.confounds(t.Context()); c != nil || err != nil {
		t.Errorf("%+v, %v", c, err)
	}
	v := TraitVerdict{Verdict: Detected, Reasons: []string{"detected by transfer"}}
	if got := judgeConfounds(v, nil); got.Verdict != Detected || len(got.Reasons) != 1 {
		t.Errorf("%+v", got)
	}
}

type opaque struct{ undertone.Data }

// A report that a reader gets holds what a comparison can return.
func TestConfoundsAreValidatedOnReading(t *testing.T) {
	r := run(t, carrier())
	form, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for old, replacement := range map[string]string{
		`"accepted":["layout","lengths"]`: `"accepted":["smell"]`,
		`"differ":["layout","lengths"]`:   `"differ":[]`,
		`"name":"keep-rates"`:             `"name":"smell"`,
		`"distance":1,`:                   `"distance":2,`,
	} {
		if !strings.Contains(string(form), old) {
			t.Fatalf("the report has no %s: %s", old, form)
		}
		var read Report
		if err := json.Unmarshal([]byte(strings.Replace(string(form), old, replacement, 1)), &read); err == nil {
			t.Errorf("%s is read", replacement)
		}
	}
}

func TestConfoundsAreRendered(t *testing.T) {
	cfg := world()
	cfg.AcceptConfounds = []string{"layout"}
	cfg.Suspect = fake.Rows("marked", 240, 240, "owl")
	r := run(t, cfg)
	for format, wants := range map[Format][]string{
		Text:     {"\n  the arms besides the trait, 240 rows against 240 (240 independent units see large differences only)\n    layout             accepted: first and last ", "\n    lengths            characters of ", "\n    agree              prompts, keep-rates, "},
		Markdown: {"\n### the arms besides the trait, 240 rows against 240 (", "| layout | accepted: first and last ", "| agree | prompts, keep-rates, "},
	} {
		var b strings.Builder
		if err := r.Render(&b, format); err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%v lacks %q:\n%s", format, want, b.String())
			}
		}
	}
	c := Confounds{Report: confound.Report{Suspect: confound.Arm{Rows: 600, Of: 900, Units: 600}, Control: confound.Arm{Rows: 500, Of: 500, Units: 500}}}
	if got := c.sampled(); got != "a sample of 600 of 900 rows against 500 of 500" {
		t.Errorf("%q", got)
	}
}
