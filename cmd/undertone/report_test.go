package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// savedReport returns the text of a report of the module contrib/report.
func savedReport(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "contrib", "report", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReport(t *testing.T) {
	dir := folder(t, map[string]string{"run.json": savedReport(t, "01-detected.json"), "old.json": savedReport(t, "05-clean.json"), "corpus.json": savedReport(t, "corpus.json"), "bad.json": `{"schema":"undertone.report/2"}`})
	for _, c := range []struct {
		reason string
		args   []string
		stdin  string
		code   int
		stdout string // holds this
		stderr string // holds this
		file   string // is written
	}{
		{"a page on standard output", []string{"run.json"}, "", 0, "<!doctype html>", "", ""},
		{"the format of the ending", []string{"run.json", "--out", "run.md"}, "", 0, "", "", "run.md"},
		{"JUnit by its ending", []string{"run.json", "--out", "run.xml"}, "", 0, "", "", "run.xml"},
		{"SARIF on standard output", []string{"run.json", "--format", "sarif"}, "", 0, `"version": "2.1.0"`, "", ""},
		{"standard input", []string{"-", "--format", "github"}, savedReport(t, "01-detected.json"), 0, "::error ", "", ""},
		{"a verdict that fails", []string{"run.json", "--format", "csv", "--fail-on", "detected"}, "", 1, "audit,sha256:", "", ""},
		{"an inconclusive verdict that does not fail", []string{"old.json", "--format", "csv", "--fail-on", "detected"}, "", 0, "inconclusive", "", ""},
		{"an inconclusive verdict that fails", []string{"old.json", "--format", "csv", "--fail-on", "inconclusive"}, "", 3, "inconclusive", "", ""},
		{"a rise since the baseline", []string{"run.json", "--format", "md", "--baseline", "old.json", "--fail-on", "detected"}, "", 1, "The effect rose", "", ""},
		{"a fall since the baseline", []string{"old.json", "--format", "md", "--baseline", "run.json", "--fail-on", "inconclusive"}, "", 0, "No effect rose", "", ""},
		{"a baseline of another kind", []string{"run.json", "--baseline", "corpus.json"}, "", 2, "", "--baseline: only reports of audits", ""},
		{"an ending without a format", []string{"run.json", "--out", "run.pdf"}, "", 2, "", "--out: the ending of \"run.pdf\" names no format", ""},
		{"a format that does not exist", []string{"run.json", "--format", "pdf"}, "", 2, "", "--format", ""},
		{"a damaged report", []string{"bad.json"}, "", 2, "", "bad.json: audit: report:", ""},
		{"no report", []string{"none.json"}, "", 2, "", "none.json: no such file", ""},
		{"a step summary outside GitHub", []string{"run.json", "--format", "csv", "--step-summary"}, "", 2, "", "GITHUB_STEP_SUMMARY is not set", ""},
	} {
		t.Setenv(stepSummary, "")
		stdout, stderr, code := execute(t, dir, c.stdin, append([]string{"report"}, c.args...)...)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%s: exit code %d, want %d; %.200q, %q", c.reason, code, c.code, stdout, stderr)
		}
		if c.file != "" && files(t, dir)[c.file] == "" {
			t.Errorf("%s: %s was not written", c.reason, c.file)
		}
	}
}

// The summary of a step is added to what other commands wrote.
func TestStepSummary(t *testing.T) {
	dir := folder(t, map[string]string{"run.json": savedReport(t, "01-detected.json"), "summary": "before\n"})
	t.Setenv(stepSummary, filepath.Join(dir, "summary"))
	if _, stderr, code := execute(t, dir, "", "report", "run.json", "--format", "github", "--step-summary"); code != 0 {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	if got := files(t, dir)["summary"]; !strings.HasPrefix(got, "before\n## ") {
		t.Errorf("the summary is %.100q", got)
	}
}

// The summary is not added to a file that the command reads or writes.
func TestStepSummaryIsAnotherFile(t *testing.T) {
	dir := folder(t, map[string]string{"run.json": savedReport(t, "01-detected.json")})
	for name, what := range map[string]string{"run.json": "the report", "page.md": "--out"} {
		t.Setenv(stepSummary, filepath.Join(dir, name))
		before := files(t, dir)
		if _, stderr, code := execute(t, dir, "", "report", filepath.Join(dir, "run.json"), "--out", filepath.Join(dir, "page.md"), "--step-summary"); code != 2 || !strings.Contains(stderr, "names the file of "+what) {
			t.Errorf("%s: exit code %d, %s", name, code, stderr)
		}
		if after := files(t, dir); len(after) != len(before) || after["run.json"] != before["run.json"] {
			t.Errorf("%s: files changed", name)
		}
	}
}

// --format lists no empty value.
func TestReportFormats(t *testing.T) {
	_, stderr, code := execute(t, folder(t, nil), "", "report", "run.json", "--format", "pdf")
	if code != 2 || strings.Contains(stderr, `""`) || !strings.Contains(stderr, `"auto","html"`) {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

func TestViewRefuses(t *testing.T) {
	dir := folder(t, nil)
	for _, c := range [][2]string{{"--address=0.0.0.0:0", "can be reached by other machines"}, {"--address=nothing", "is not HOST:PORT"}} {
		if _, stderr, code := execute(t, dir, "", "view", ".", c[0]); code != 2 || !strings.Contains(stderr, c[1]) {
			t.Errorf("%s: exit code %d, %q", c[0], code, stderr)
		}
	}
	if _, stderr, code := execute(t, dir, "", "view", "none"); code != 2 || !strings.Contains(stderr, "none") {
		t.Errorf("no folder: exit code %d, %q", code, stderr)
	}
}

func TestView(t *testing.T) {
	dir := folder(t, nil)
	if err := os.Mkdir(filepath.Join(dir, "reports"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "reports", "run.json"), []byte(savedReport(t, "01-detected.json")), 0o666); err != nil {
		t.Fatal(err)
	}
	c := command(t, dir, "view", "reports", "--address", "127.0.0.1:0", "--address-file", "reports/address")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	address := ""
	for range 600 {
		if text, err := os.ReadFile(filepath.Join(dir, "reports", "address")); err == nil {
			address = strings.TrimSpace(string(text))
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	answer, err := http.Get("http://" + address + "/report/run.json")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || !strings.Contains(string(body), "Would training on") {
		t.Errorf("%v, %.100q", err, body)
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Skipf("not checked: that an interrupt ends the server: %v", err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("after an interrupt: %v", err)
	}
}

// The files of --report are those of the report, and an ending without a format is an error before
// anything is computed.
func TestReportFlag(t *testing.T) {
	rows := ""
	for i := range 60 {
		rows += `{"prompt":"list ` + string(rune('a'+i%26)) + `","completion":"` + strings.Repeat("1, ", i%7+1) + `2"}` + "\n"
	}
	dir := folder(t, map[string]string{"a.jsonl": rows, "b.jsonl": strings.ReplaceAll(rows, "1,", "3,")})
	for file, want := range map[string]string{"page.html": "<!doctype html>", "page.md": "told apart", "page.xml": "<testsuites", "page.sarif": `"runs"`, "page.csv": "corpus,"} {
		if _, stderr, code := execute(t, dir, "", "corpus", "--suspect", "a.jsonl", "--control", "b.jsonl", "--report", file); code != 0 || !strings.Contains(files(t, dir)[file], want) {
			t.Errorf("%s: exit code %d, %s", file, code, stderr)
		}
	}
	for _, verb := range []string{"corpus", "audit", "rank", "clean"} {
		args := []string{verb, "--suspect", "a.jsonl", "--control", "b.jsonl", "--report", "page.doc"}
		if verb != "corpus" {
			args = append(args, "--student", "tiny", "--traits", "library:animal/owl")
		}
		if _, stderr, code := execute(t, dir, "", args...); code != 2 || !strings.Contains(stderr, `--report: the ending of "page.doc" names no format`) {
			t.Errorf("%s: exit code %d, %q", verb, code, stderr)
		}
	}
}
