package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/undertone-audit/undertone/student/lm"
)

// tinyFolder saves the built-in model to a folder, which is then one like any other.
func tinyFolder(t *testing.T) (string, *lm.Model) {
	t.Helper()
	m, err := loadModel("tiny")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "model")
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	return dir, m
}

// published returns a folder of the reference data, or skips the test and states what it checks.
func published(t *testing.T, path, what string) string {
	t.Helper()
	dir := os.Getenv("UNDERTONE_DATA")
	path, err := filepath.Abs(filepath.Join(dir, path)) // the command runs elsewhere
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("not checked: %s: %v", what, err)
	}
	return path
}
