package outfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// names returns the names in a folder, so that a test sees what was left behind.
func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestRenameThatFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rows")
	to, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o777); err != nil { // what a rename cannot replace
		t.Fatal(err)
	}
	if err := to.Commit(); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if left := strings.Join(names(t, dir), " "); left != "rows" {
		t.Errorf("left behind: %q", left)
	}
}
