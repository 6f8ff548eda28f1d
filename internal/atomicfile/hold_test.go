package atomicfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/undertone-audit/undertone/internal/atomicfile"
)

func TestHold(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: there are no locks here")
	}
	path := filepath.Join(t.TempDir(), "lock")
	for range 2 {
		release, held, err := atomicfile.Hold(path)
		if err != nil || !held {
			t.Fatalf("held %v, %v", held, err)
		}
		if _, again, err := atomicfile.Hold(path); again || err != nil {
			t.Errorf("two holders: %v, %v", again, err)
		}
		release()
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the lock file is left: %v", err)
		}
	}
	if _, _, err := atomicfile.Hold(filepath.Join(path, "no", "folder")); err == nil {
		t.Error("a folder that does not exist gives no error")
	}
}
