package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A step that fails leaves the old file, no other file, and an error that names the path.
func TestFailingSteps(t *testing.T) {
	defer func() { Failpoint = nil }()
	for _, step := range []Step{StepCreate, StepWrite, StepSync, StepRename} {
		dir := t.TempDir()
		path := filepath.Join(dir, "rows")
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		Failpoint = func(at Step, of string) error {
			if at == step && of == path {
				return syscall.ENOSPC
			}
			return nil
		}
		err := Write(path, func(w io.Writer) error {
			_, err := w.Write([]byte("new"))
			return err
		})
		if !errors.Is(err, syscall.ENOSPC) || !strings.HasPrefix(err.Error(), string(step)+" "+path+": ") {
			t.Errorf("%s: error %v", step, err)
		}
		if got, _ := os.ReadFile(path); string(got) != "old" || len(names(t, dir)) != 1 {
			t.Errorf("%s: the file holds %q, the folder %q", step, got, names(t, dir))
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "from"), 0o777); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "to")
	Failpoint = func(Step, string) error { return syscall.ENOSPC }
	if err := RenameFolder(filepath.Join(dir, "from"), to); err == nil || !strings.HasPrefix(err.Error(), "rename "+to+": ") {
		t.Errorf("a folder: error %v", err)
	}
	Failpoint = nil
	if err := RenameFolder(filepath.Join(dir, "from"), to); err != nil || strings.Join(names(t, dir), " ") != "to" {
		t.Errorf("a folder: error %v, the folder holds %q", err, names(t, dir))
	}
}
