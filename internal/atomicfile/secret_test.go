package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestWriteNew(t *testing.T) {
	dir := t.TempDir()
	for _, secret := range []bool{true, false} {
		path := filepath.Join(dir, map[bool]string{true: "key", false: "key.pub"}[secret])
		if err := WriteNew(path, []byte("text"), secret); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if private := info.Mode().Perm() == 0o600; runtime.GOOS != "windows" && private != secret && secret {
			t.Errorf("%s has mode %s", path, info.Mode())
		}
		if err := WriteNew(path, []byte("other"), secret); !errors.Is(err, fs.ErrExist) {
			t.Errorf("a second write of %s: error %v, want %v", path, err, fs.ErrExist)
		}
		if text, _ := os.ReadFile(path); string(text) != "text" {
			t.Errorf("%s holds %q after a second write", path, text)
		}
	}
}
