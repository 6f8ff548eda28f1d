package report

import (
	"strings"
	"testing"
)

// All formats say what the gate decides, and JUnit fails no test if the gate passes.
func TestGate(t *testing.T) {
	now := load(t, "testdata/01-detected.json")
	same, err := Compare(load(t, "testdata/01-detected.json"), now)
	if err != nil {
		t.Fatal(err)
	}
	rose, err := Compare(load(t, "testdata/05-clean.json"), now)
	if err != nil {
		t.Fatal(err)
	}
	small := load(t, "testdata/03-too-small.json")
	for _, c := range []struct {
		reason string
		report *Saved
		o      Options
		fails  bool
	}{
		{"the same audit, which detects", now, Options{Baseline: same, FailOn: FailOnInconclusive}, false},
		{"a risen effect", now, Options{Baseline: rose, FailOn: FailOnDetected}, true},
		{"detected", now, Options{FailOn: FailOnDetected}, true},
		{"inconclusive, which may pass", small, Options{FailOn: FailOnDetected}, false},
		{"inconclusive", small, Options{FailOn: FailOnInconclusive}, true},
	} {
		want := map[bool]string{true: "fails, because", false: "passes, because"}[c.fails]
		for f, want := range map[Format]string{HTML: "<strong>Gate: " + want, Markdown: "Gate: " + want, JUnit: "Gate: " + want, GitHub: strings.TrimSuffix(want, ", because")} {
			var b strings.Builder
			if err := c.report.Render(t.Context(), &b, f, c.o); err != nil || !strings.Contains(b.String(), want) {
				t.Errorf("%s: %s does not have %q (%v)", c.reason, f, want, err)
			}
			if f == JUnit && strings.Contains(b.String(), "<failure") != c.fails {
				t.Errorf("%s: JUnit fails a test: %v, want %v", c.reason, !c.fails, c.fails)
			}
			if f == GitHub && (strings.Contains(b.String(), "::error") || strings.Contains(b.String(), "::warning")) != c.fails {
				t.Errorf("%s: the annotations do not follow the gate:\n%s", c.reason, b.String())
			}
		}
	}
}

// A difference between files fails no gate, and a test of no format.
func TestDifferenceIsNoVerdict(t *testing.T) {
	s := load(t, "testdata/corpus.json")
	if s.Corpus.Outcome.String() != "distinguishable" {
		t.Fatal(s.Corpus.Outcome)
	}
	o := Options{FailOn: FailOnInconclusive}
	if o.FailOn.Fails(o.Outcome(s)) {
		t.Error("a difference fails the gate")
	}
	for f, bad := range map[Format]string{JUnit: "<failure", GitHub: "::error", HTML: "Gate: fails", Markdown: "🔴"} {
		var b strings.Builder
		if err := s.Render(t.Context(), &b, f, o); err != nil || strings.Contains(b.String(), bad) {
			t.Errorf("%s has %q (%v)", f, bad, err)
		}
	}
}

// The line of the gate says what was judged and which outcomes fail.
func TestGateWords(t *testing.T) {
	now := load(t, "testdata/01-detected.json")
	same, err := Compare(load(t, "testdata/01-detected.json"), now)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		report *Saved
		o      Options
		want   string
	}{
		{now, Options{FailOn: FailOnInconclusive}, "Gate: fails, because the outcome of the report is detected; the gate --fail-on inconclusive fails on detected and on inconclusive."},
		{now, Options{FailOn: FailOnDetected, Baseline: same}, "Gate: passes, because the comparison with the baseline finds no rise; the gate --fail-on detected fails on detected alone. Both reports are the same audit."},
		{load(t, "testdata/rank.jsonl"), Options{FailOn: FailOnDetected}, "Gate: passes, because the report holds no verdict; the gate --fail-on detected fails on detected alone."},
	} {
		if p := c.report.Page(c.o).withGate(c.o, c.o.Outcome(c.report)); p.Gate != c.want {
			t.Errorf("%s\nwant\n%s", p.Gate, c.want)
		}
	}
}

func TestNoGate(t *testing.T) {
	s := load(t, "testdata/03-too-small.json")
	var md, junit strings.Builder
	if err := s.Render(t.Context(), &md, Markdown, Options{FailOn: FailNever}); err != nil || strings.Contains(md.String(), "Gate") {
		t.Errorf("%v, %s", err, md.String())
	}
	if err := s.Render(t.Context(), &junit, JUnit, Options{FailOn: FailNever}); err != nil || !strings.Contains(junit.String(), "<failure") || strings.Contains(junit.String(), ` name="gate">`) {
		t.Errorf("%v, %s", err, junit.String())
	}
}

// A page that prints from dark colors prints light ones.
func TestPrintIsLight(t *testing.T) {
	_, print, ok := strings.Cut(pageStyle, "@media print{")
	if !ok {
		t.Fatal("no rules for print")
	}
	selectors, rest, _ := strings.Cut(print, "{")
	for _, want := range []string{":root", ":root[data-theme=dark]", ":root:not([data-theme=light])"} {
		if !strings.Contains(","+selectors+",", ","+want+",") {
			t.Errorf("print has no colors for %s", want)
		}
	}
	set, _, _ := strings.Cut(rest, "}")
	light, _, _ := strings.Cut(strings.TrimPrefix(pageStyle, ":root{"), "}")
	for _, v := range strings.Split(light, ";") {
		if name, _, _ := strings.Cut(v, ":"); name != "--page" && !strings.Contains(set, v) {
			t.Errorf("print does not set %s", v)
		}
	}
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"schema":"undertone.report/2","version":"1`, "it is cut off"},
		{`{"schema":"undertone.report/2","alpha":NaN}`, "it is not JSON"},
		{"hello", "it is not JSON"},
		{`{"a":1}`, "it is not a report"},
		{`[1]`, "it is not a report"},
		{" ", "it is empty"},
		{`{"schema":"undertone.report/2"}{}`, "other text before or behind a report"},
		{`{} {"schema":"undertone.report/2"}`, "other text before or behind a report"},
		{`{"schema":"undertone.report/2"}` + "\nhello", "other text before or behind a report"},
		{"{\n\"schema\":\"undertone.report/2\"}{\n\"schema\":\"undertone.report/2\"}", "other text before or behind a report"},
		{`{"schema":2}`, "it is not a report"},
		{"\xef\xbb\xbf{}", "byte order mark"},
		{"\xff\xfe{\x00", "UTF-16"},
	} {
		if _, err := Read(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v; want %q", c.text, err, c.want)
		}
	}
}

func TestSARIFEscapesLinks(t *testing.T) {
	if got, want := sarifPlain(`[text](target) \ [+0.1]`), `\[text\](target) \\ \[+0.1\]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
