package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone/provenance"
)

// TestMain makes the test binary the command, so that tests run it as a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("UNDERTONE_TEST_COMMAND") != "" {
		failAt(os.Getenv("UNDERTONE_TEST_FAIL"))
		hangAt(os.Getenv("UNDERTONE_TEST_HANG"), os.Getenv("UNDERTONE_TEST_REACHED"))
		if interval, err := time.ParseDuration(os.Getenv("UNDERTONE_TEST_LOG_INTERVAL")); err == nil {
			logInterval = interval
		}
		main()
	}
	os.Exit(m.Run())
}

// command returns the command, to be run in a folder.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "UNDERTONE_TEST_COMMAND=1")
	return c
}

// execute runs the command to its end.
func execute(t *testing.T, dir, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	c := command(t, dir, args...)
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &errs
	if err := c.Run(); c.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

// folder makes a folder with these files and returns its path.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// files returns what is in a folder, by name, without manifests; a folder in it has the text
// "folder".
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), provenance.Suffix) {
			continue
		}
		all[e.Name()] = "folder"
		if !e.IsDir() {
			text, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			all[e.Name()] = string(text)
		}
	}
	return all
}
