package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// The help texts of the command and of the verbs that need traits or arms are those of
// testdata/help.
func TestHelp(t *testing.T) {
	t.Setenv("COLUMNS", "80") // the width of the text
	for _, verb := range []string{"", "serve", "match", "corpus", "audit", "factorial", "rank", "clean", "lineage", "traits", "report", "view", "keygen", "attest", "export", "claims", "verify", "doctor"} {
		args, name := []string{"--help"}, "undertone.txt"
		if verb != "" {
			args, name = []string{verb, "--help"}, verb+".txt"
		}
		got, stderr, code := execute(t, t.TempDir(), "", args...)
		if code != 0 || stderr != "" {
			t.Errorf("%s: exit code %d, %q", name, code, stderr)
		}
		golden := filepath.Join("testdata", "help", name)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs; go test -run Help -update rewrites it\n%s", name, got)
		}
	}
}

// A default is written "(default 12)", and no help text holds a placeholder that was not replaced.
func TestHelpStyle(t *testing.T) {
	bare := regexp.MustCompile(`\([\w.,-]+\)\.|\$\{`)
	for _, verb := range []string{"filter", "sanitise", "inspect", "generate", "train", "score", "serve", "match", "corpus", "audit", "factorial", "rank", "clean", "lineage", "traits", "report", "view", "keygen", "attest", "export", "claims", "verify", "doctor", "example", "trainer"} {
		got, _, _ := execute(t, t.TempDir(), "", verb, "--help")
		if found := bare.FindString(got); found != "" {
			t.Errorf("%s --help has %q, want a default as (default 12):\n%s", verb, found, got)
		}
	}
}
