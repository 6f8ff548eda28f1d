package outfile

import (
	"os"
	"path/filepath"
	"strings"
)

// claim locks a new file and reports whether it is still the one of its name:
// between its making and its lock another process may have taken it for a leftover.
func (a aside) claim() bool {
	if held, err := lock(a.File); err != nil {
		return true // no locks here, so that nobody removes leftovers either
	} else if !held {
		return false
	}
	mine, err := a.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(a.Name())
	return err == nil && os.SameFile(mine, named)
}

// removeLeftovers removes the files beside path that no living process has
// locked. It does what it can: a folder that cannot be listed is no error.
func removeLeftovers(path string) {
	if !locks {
		return
	}
	folder, name := filepath.Dir(path), filepath.Base(path)
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		middle, found := strings.CutPrefix(e.Name(), "."+name+".")
		middle, ends := strings.CutSuffix(middle, ".tmp")
		if !found || !ends || len(middle) != 8 || strings.Trim(middle, "0123456789abcdef") != "" || !e.Type().IsRegular() {
			continue
		}
		f, err := os.OpenFile(filepath.Join(folder, e.Name()), os.O_WRONLY, 0)
		if err != nil {
			continue
		}
		if held, err := lock(f); err == nil && held {
			_ = os.Remove(f.Name())
		}
		_ = f.Close()
	}
}
