package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/internal/escape/escapetest"
)

// reports returns the reports of testdata by the names of their files.
func reports(t *testing.T) map[string]*Saved {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json*")
	if err != nil || len(files) < 14 {
		t.Fatalf("%d reports in testdata (%v), want 14", len(files), err)
	}
	all := map[string]*Saved{}
	for _, file := range files {
		all[filepath.Base(file)] = load(t, file)
	}
	return all
}

func load(t *testing.T, file string) *Saved {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Read(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return s
}

func render(t *testing.T, s *Saved, f Format) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Render(t.Context(), &b, f, Options{Tokens: true}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every report can be written in every format, twice alike.
func TestRender(t *testing.T) {
	for name, s := range reports(t) {
		for _, f := range Formats() {
			got := render(t, s, Format(f))
			if got == "" || got != render(t, s, Format(f)) {
				t.Errorf("%s as %s: %d bytes, which differ when written again", name, f, len(got))
			}
		}
	}
	if err := new(Saved).Render(t.Context(), new(bytes.Buffer), "pdf", Options{}); err == nil {
		t.Error("a format that is not known gives no error")
	}
}

var (
	handler   = regexp.MustCompile(`(?i)<[^>]* on[a-z]+=`)
	elsewhere = regexp.MustCompile(`(?i)<(link|img|iframe|object|embed|base|form|audio|video|source|use)\b|(src|srcset|action|xlink:href)=|href="[^#]|url\(|@import`)
	id        = regexp.MustCompile(` id="([^"]*)"`)
	picture   = regexp.MustCompile(`<svg [^>]*>`)
	named     = regexp.MustCompile(`<svg class="(?:wide|narrow)" viewBox="[^"]*" role="img" aria-labelledby="([^ ]*-t) ([^ ]*-d)"><title id="([^"]*)">[^<]+</title><desc id="([^"]*)">[^<]+</desc>`)
)

// A page refers to nothing outside itself, runs no code of its own attributes, and names its parts.
func TestPagesAreSelfContained(t *testing.T) {
	for name, s := range reports(t) {
		page := render(t, s, HTML)
		if len(page) > MaxPage {
			t.Errorf("%s: %d bytes, want at most %d", name, len(page), MaxPage)
		}
		if found := handler.FindString(page); found != "" {
			t.Errorf("%s: an event handler in %s", name, found)
		}
		if found := elsewhere.FindString(page); found != "" {
			t.Errorf("%s: %s may load something", name, found)
		}
		if !strings.Contains(page, `content="default-src &#39;none&#39;;`) {
			t.Errorf("%s: no policy that forbids networks", name)
		}
		seen := map[string]bool{}
		for _, m := range id.FindAllStringSubmatch(page, -1) {
			if seen[m[1]] {
				t.Errorf("%s: the id %s is there twice", name, m[1])
			}
			seen[m[1]] = true
		}
		for _, m := range named.FindAllStringSubmatch(page, -1) {
			if m[1] != m[3] || m[2] != m[4] {
				t.Errorf("%s: a figure is labelled by %s and %s, and has %s and %s", name, m[1], m[2], m[3], m[4])
			}
		}
		if figures, with := len(picture.FindAllString(page, -1)), len(named.FindAllString(page, -1)); figures != with+1 { // besides the ornament
			t.Errorf("%s: %d of %d figures have a name and a description", name, with, figures-1)
		}
		if tables, captions := strings.Count(page, "<table "), strings.Count(page, "<caption>"); tables == 0 || tables != captions {
			t.Errorf("%s: %d tables and %d captions", name, tables, captions)
		}
	}
}

// The words of rows are shown on request alone.
func TestTokensAreOptIn(t *testing.T) {
	s := load(t, "testdata/rank.jsonl")
	var b bytes.Buffer
	if err := s.Render(t.Context(), &b, HTML, Options{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), `class="tokens"`) || !strings.Contains(b.String(), "They are not shown") {
		t.Error("a page shows the words of rows without Options.Tokens, or does not say that it hides them")
	}
	if page := render(t, s, HTML); !strings.Contains(page, `class="tokens"`) {
		t.Error("a page with Options.Tokens shows no words")
	}
}

// injected returns a report in which every text is s.
func injected(saved *Saved, s string) *Saved {
	with := escape.Strings(saved, func(string) string { return s })
	if with.Clean != nil { // a unit is a word of the library, not of the user
		with.Clean.Unit, with.Clean.Action = "rows", "drop"
	}
	return with
}

const marker = "QQQ"

var (
	tag   = regexp.MustCompile(`<[^>]*>`)
	value = regexp.MustCompile(`="[^"]*"`)
)

// skeleton returns the tags of a page without the values of attributes.
func skeleton(page string) []string {
	tags := tag.FindAllString(page, -1)
	for i := range tags {
		tags[i] = value.ReplaceAllString(tags[i], "")
	}
	return tags
}

// No text of a report adds markup, a line or a field to any format.
func TestInjections(t *testing.T) {
	for name, saved := range reports(t) {
		if name != "02-detectors.json" && name != "04-other-traits.json" && saved.Audit != nil {
			continue // two audits have every part
		}
		with := map[Format]string{}
		for _, f := range Formats() {
			with[Format(f)] = render(t, injected(saved, marker), Format(f))
		}
		if n := strings.Count(with[HTML], marker); n < 3 {
			t.Fatalf("%s: the page shows %d texts", name, n)
		}
		for _, s := range escapetest.Injections() {
			bad := injected(saved, s)
			about := fmt.Sprintf("%s with %+q", name, s)
			checkHTML(t, about, with[HTML], render(t, bad, HTML))
			checkMarkdown(t, about, s, with[Markdown], render(t, bad, Markdown))
			checkJUnit(t, about, render(t, bad, JUnit))
			checkSARIF(t, about, render(t, bad, SARIF))
			checkCSV(t, about, with[CSV], render(t, bad, CSV))
			checkGitHub(t, about, with[GitHub], render(t, bad, GitHub))
		}
	}
}

func checkHTML(t *testing.T, about, plain, got string) {
	t.Helper()
	if want, tags := skeleton(plain), skeleton(got); !slices.Equal(tags, want) {
		for i := range tags {
			if i >= len(want) || tags[i] != want[i] {
				t.Errorf("%s: the page has the tag %s", about, tags[i])
				break
			}
		}
	}
	if r, ok := escapetest.Acts(got, "\n\t"); ok {
		t.Errorf("%s: the page has %+q", about, r)
	}
}

// loose forgets what a sentence changes of a reason: its first letter, spaces and full stops.
func loose(s string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", ".", "", "\u00a0", "", "&#8203;", "").Replace(s))
}

var (
	ours   = regexp.MustCompile(`</?(details|summary|span)>`)             // tags of the page itself
	active = regexp.MustCompile("(^|[^\\\\])[<`!\\[]|@[a-z]|www\\.[a-z]") // what an escape would have stopped
)

func checkMarkdown(t *testing.T, about, s, plain, got string) {
	t.Helper()
	want, lines := strings.Split(plain, "\n"), strings.Split(got, "\n")
	if len(lines) != len(want) {
		t.Errorf("%s: the Markdown has %d lines, want %d", about, len(lines), len(want))
		return
	}
	for i, line := range lines {
		expected := strings.ReplaceAll(want[i], marker, escape.Markdown(s))
		// The escape of a first character depends on what stands before it.
		if a, b := loose(strings.ReplaceAll(line, `\`, "")), loose(strings.ReplaceAll(expected, `\`, "")); a != b {
			t.Errorf("%s: the Markdown has the line\n%s\nwant\n%s", about, line, expected)
			return
		}
	}
	if found := active.FindString(ours.ReplaceAllString(got, "")); found != "" {
		t.Errorf("%s: the Markdown has %q", about, found)
	}
}

func checkJUnit(t *testing.T, about, got string) {
	t.Helper()
	var suites junitSuites
	if err := xml.Unmarshal([]byte(got), &suites); err != nil {
		t.Errorf("%s: JUnit: %v", about, err)
		return
	}
	if r, ok := escapetest.Acts(got, "\n\t"); ok {
		t.Errorf("%s: JUnit has %+q", about, r)
	}
}

func checkSARIF(t *testing.T, about, got string) {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal([]byte(got), &log); err != nil {
		t.Errorf("%s: SARIF: %v", about, err)
		return
	}
	for _, r := range log.Runs[0].Results {
		for _, l := range r.Locations {
			u, err := url.Parse(l.PhysicalLocation.ArtifactLocation.URI)
			if err != nil || u.Scheme != "" && u.Scheme != "file" || u.Host != "" || u.RawQuery != "" || u.Fragment != "" {
				t.Errorf("%s: SARIF names the file %q (%v)", about, l.PhysicalLocation.ArtifactLocation.URI, err)
			}
		}
	}
}

func checkCSV(t *testing.T, about, plain, got string) {
	t.Helper()
	read := func(s string) [][]string {
		lines, err := csv.NewReader(strings.NewReader(s)).ReadAll()
		if err != nil {
			t.Errorf("%s: CSV: %v", about, err)
		}
		return lines
	}
	lines := read(got)
	if len(lines) != len(read(plain)) {
		t.Errorf("%s: the CSV has %d lines", about, len(lines))
	}
	for _, line := range lines {
		for i, field := range line[:6] {
			if field != "" && strings.Contains("=+-@", field[:1]) {
				t.Errorf("%s: field %d of the CSV is a formula: %q", about, i, field)
			}
		}
	}
}

func checkGitHub(t *testing.T, about, plain, got string) {
	t.Helper()
	want, lines := strings.Split(plain, "\n"), strings.Split(got, "\n")
	if len(lines) != len(want) {
		t.Errorf("%s: %d workflow commands, want %d", about, len(lines), len(want))
	}
	for _, line := range lines[:len(lines)-1] {
		parts := strings.SplitN(line, "::", 3)
		if len(parts) != 3 || parts[0] != "" || strings.Count(parts[1], "=") > 3+strings.Count(parts[1], "%") && !strings.Contains(line, "%3A") {
			t.Errorf("%s: the workflow command %q", about, line)
		}
	}
}

// The ending before that of a compression gives the format.
func TestFormatOf(t *testing.T) {
	for path, want := range map[string]Format{"a.html": HTML, "a.HTM": HTML, "a.html.gz": HTML, "a.md.zst": Markdown, "a.gz.xml": JUnit, "a.sarif.GZ": SARIF, "a.csv": CSV, "a.gz": "", "html": "", "a.json": ""} {
		if got, err := FormatOf(path); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q (%v), want %q", path, got, err, want)
		}
	}
}
