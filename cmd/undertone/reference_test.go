package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCommandReference compares docs/commands.md with the flags.
func TestCommandReference(t *testing.T) {
	checkGolden(t, "../../docs/commands.md", commandReference(newParser(silent(), func(int) {}).Model), "CommandReference")
}

// A manual page has the sections of one, and no text of a flag is a request of roff.
func TestManPages(t *testing.T) {
	request := regexp.MustCompile(`^\.(TH|SH|SS|TP|B|BR|PP)\b|^[^.']`)
	all := verbReferences(newParser(silent(), func(int) {}).Model)
	for _, r := range all {
		page := manPage(r, all)
		for _, section := range []string{".TH ", ".SH NAME\n", ".SH SYNOPSIS\n", ".SH OPTIONS\n", ".SH EXIT STATUS\n", ".SH SEE ALSO\n"} {
			if !strings.Contains(page, section) {
				t.Errorf("%s: no %q", r.pageName(), section)
			}
		}
		for line := range strings.Lines(page) {
			if !request.MatchString(line) {
				t.Errorf("%s: line %q", r.pageName(), line)
			}
		}
	}
}

func TestRoffText(t *testing.T) {
	for text, want := range map[string]string{
		".x\n'y":                     "\\&.x\n\\&'y",
		`a\b--c`:                     `a\eb\-\-c`,
		"a\n\nb":                     "a\n.PP\nb",
		"One. Two (default 3). e.g.": "One.\nTwo (default 3).\ne.g.",
	} {
		if got := roffText(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// The verb man prints one page, writes all pages, and a formatter accepts them.
func TestManVerb(t *testing.T) {
	dir := t.TempDir()
	stdout, stderr, code := execute(t, dir, "", "man", "trainer", "check")
	if code != 0 || stderr != "" || !strings.HasPrefix(stdout, ".TH UNDERTONE-TRAINER-CHECK 1 ") {
		t.Errorf("exit code %d, %q, %.80q", code, stderr, stdout)
	}
	if _, stderr, code := execute(t, dir, "", "man", "audti"); code != 2 || stderr != "undertone: \"audti\" is no verb, did you mean \"audit\"?\n" {
		t.Errorf("a mistyped verb: exit code %d, %q", code, stderr)
	}
	if _, stderr, code := execute(t, dir, "", "man", "--out", "pages"); code != 0 || stderr != "" {
		t.Errorf("all pages: exit code %d, %q", code, stderr)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "pages", "undertone*.1"))
	if all := verbReferences(newParser(silent(), func(int) {}).Model); err != nil || len(pages) != len(all) {
		t.Fatalf("%d pages, want %d, error %v", len(pages), len(all), err)
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("not checked: groff is not installed")
	}
	for _, page := range pages {
		if out, err := exec.CommandContext(t.Context(), groff, "-man", "-ww", "-z", "-Tutf8", page).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: error %v, %s", filepath.Base(page), err, out)
		}
	}
}

// Every verb that the page of the command lists exists, and it lists every verb.
func TestReadmeListsVerbs(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z ]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		listed[m[1]] = true
	}
	all := verbsOf(newParser(silent(), func(int) {}).Model)
	for name := range all {
		if !listed[name] {
			t.Errorf("README.md does not list %s", name)
		}
	}
	for name := range listed {
		if all[name] == nil {
			t.Errorf("README.md lists %s, which is no verb", name)
		}
	}
}
