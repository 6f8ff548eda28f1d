package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone/audit"
)

func TestVerify(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("..", "..", "audit", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	whole, crossed := read("testdata/detected.json"), read("factorial/testdata/detected.json")
	const verdict = `"verdict": "detected",`
	dir := folder(t, map[string]string{
		"report": whole, "report.gz": packed(t, "report.gz", whole), "factorial": crossed,
		"renamed": strings.Replace(whole, `"name": "marked | rows"`, `"name": "other"`, 1),
		"edited":  strings.Replace(whole, verdict, `"verdict": "undetected",`, 1),
		"twice":   strings.Replace(whole, verdict, verdict+` "verdict": "undetected",`, 1),
		"unknown": strings.Replace(whole, verdict, verdict+` "cleared": true,`, 1),
		"more":    whole + "{}", "bytes": whole + "\x00", "latin": strings.Replace(whole, "marked", "m\xe4rked", 1),
		"schema": strings.Replace(whole, "report/2", "report/3", 1), "rows": petRows(3, 1), "empty": "",
		"ranking": `{"index":1,"id":"sha256:` + strings.Repeat("0", 64) + `","score":2,"detector":"likelihood","trait":"owl"}`,
		"crossed": strings.Replace(crossed, verdict, `"verdict": "inconclusive",`, 1),
	})
	for _, c := range []struct {
		args, stdout, stderr string // what the streams contain
		code                 int
	}{
		{"report", "report: detected; the digest ", "", 0},
		{"report.gz", "report.gz: detected; ", "", 0},
		{"factorial", "(undertone.factorial/1, written by version ", "", 0},
		{"renamed", "renamed: detected; ", "", 0},
		{"edited", "", "undertone: edited: audit: report: its digest is not that of its content", 2},
		{"crossed", "", "crossed: factorial: report: its digest is not that of its content", 2},
		{"twice", "", `twice: audit: report: the field "verdict" is there twice`, 2},
		{"unknown", "", `unknown: audit: report: json: unknown field "cleared"`, 2},
		{"more", "", "bytes behind the JSON value", 2},
		{"bytes", "", "bytes behind the JSON value", 2},
		{"latin", "", "it is not UTF-8", 2},
		{"schema", "", `its schema is "undertone.report/3", want "undertone.report/2"`, 2},
		{"rows", "", "behind the JSON value", 2},
		{"ranking", "", "ranking: it is a ranking of undertone rank, which has no digest; give a report of", 2},
		{"empty", "", "it is not JSON", 2},
		{"absent", "", "absent: no such file or directory", 2},
		{"report edited factorial twice", "factorial: detected", "; twice: ", 2},
		{"--json report", `{"file":"report","ok":true,"schema":"undertone.report/2","version":`, "", 0},
		{"--json edited", `{"file":"edited","ok":false,"error":"edited: audit: report: `, "its digest is not", 2},
	} {
		stdout, stderr, code := execute(t, dir, "", append([]string{"verify"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) || (code == 0) != (stderr == "") {
			t.Errorf("verify %s: exit code %d, %q, %q, want %d, %q, %q", c.args, code, stdout, stderr, c.code, c.stdout, c.stderr)
		}
	}
	if stdout, stderr, code := execute(t, dir, whole, "verify", "-"); code != 0 || !strings.HasPrefix(stdout, "-: detected; ") {
		t.Errorf("standard input: exit code %d, %q, %q", code, stdout, stderr)
	}
}

// The digest of a report is that of the rows and the settings: not of names and compression, but of
// the order of the rows.
func TestReportDigestOfFiles(t *testing.T) {
	suspect, control := petRows(120, 1), petRows(121, 1)
	lines := slices.Collect(strings.Lines(suspect))
	slices.Reverse(lines)
	dir := folder(t, map[string]string{
		"a.jsonl": suspect, "b.jsonl": control, "other.jsonl.gz": packed(t, "rows.gz", suspect), "reversed.jsonl": strings.Join(lines, ""),
		"pets": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1),
	})
	auditOf := func(suspect string) (r audit.Report) {
		args := "audit --control b.jsonl --student tiny --traits pets --detectors transfer,likelihood,influence,corpus --surrogates 1 --replicates 5 --whole 2 --epochs 1 --json --suspect "
		stdout, stderr, _ := execute(t, dir, "", strings.Fields(args+suspect)...)
		if err := json.Unmarshal([]byte(stdout), &r); err != nil {
			t.Fatal(err, stderr)
		}
		return r
	}
	want := auditOf("a.jsonl")
	if got := auditOf("other.jsonl.gz"); got.Digest != want.Digest || got.Suspect.Name == want.Suspect.Name {
		t.Errorf("another file of the same rows: digest %s, want %s; names %s and %s", got.Digest.Short(), want.Digest.Short(), got.Suspect.Name, want.Suspect.Name)
	}
	got := auditOf("reversed.jsonl")
	if got.Digest == want.Digest || got.Suspect.Digest != want.Suspect.Digest || got.Suspect.Order == want.Suspect.Order {
		t.Errorf("another order: digest %s and %s, rows %s and %s, order %s and %s", got.Digest.Short(), want.Digest.Short(),
			got.Suspect.Digest.Short(), want.Suspect.Digest.Short(), got.Suspect.Order.Short(), want.Suspect.Order.Short())
	}
	if got.Findings[0].Effect != want.Findings[0].Effect || got.Findings[0].P != want.Findings[0].P || got.Findings[0].Detector != "transfer" {
		t.Errorf("another order: %s has the effect %v, p %v, want %v, %v", got.Findings[0].Detector, got.Findings[0].Effect, got.Findings[0].P, want.Findings[0].Effect, want.Findings[0].P)
	}
}

// A signal ends a verb that waits for a pipe that nothing writes.
func TestInterruptedRead(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: the end of a read that nothing ends")
	}
	report, err := filepath.Abs(filepath.Join("..", "..", "audit", "testdata", "undetected.json"))
	if err != nil {
		t.Fatal(err)
	}
	c := command(t, t.TempDir(), "verify", report, "-")
	if _, err := c.StdinPipe(); err != nil { // which stays open
		t.Fatal(err)
	}
	var stderr strings.Builder
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second) // the process waits for the pipe
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); c.ProcessState.ExitCode() != 2 || !strings.HasPrefix(stderr.String(), "undertone: interrupted") || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("%v, %q, want exit code 2 and one line", err, stderr.String())
	}
}

// A factorial report is evidence about the rows of each arm.
func TestFactorialEvidence(t *testing.T) {
	text, err := os.ReadFile("../../audit/factorial/testdata/detected.json")
	if err != nil {
		t.Fatal(err)
	}
	r, err := verifyReport("folder/crossed.json", text)
	if err != nil || len(r.evidence) != 4 {
		t.Fatalf("evidence %+v, error %v, want that of 4 arms", r.evidence, err)
	}
	for _, e := range r.evidence {
		if e.Name != "crossed.json" || e.Digest != *r.Digest || e.Bytes.IsZero() || e.Order.IsZero() {
			t.Errorf("%+v", e)
		}
	}
}
