package undertone_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExamplesAreShort: a program of examples is one file of at most 80 lines, and a file of
// examples/own has fewer than 60.
func TestExamplesAreShort(t *testing.T) {
	for _, c := range []struct {
		files string
		lines int
	}{{"examples/*/*.go", 80}, {"examples/own/*/*.go", 59}} {
		files, err := filepath.Glob(c.files)
		if err != nil || len(files) < 4 {
			t.Fatalf("%s: %d files, error %v", c.files, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(text, []byte("\n")); n > c.lines {
				t.Errorf("%s has %d lines, want at most %d", file, n, c.lines)
			}
			single := strings.HasPrefix(string(text), "package main") || bytes.Contains(text, []byte("\npackage main\n"))
			if single && !strings.HasSuffix(file, "_test.go") && filepath.Base(file) != "main.go" {
				t.Errorf("%s: a program of examples is a single main.go", file)
			}
		}
	}
}
