package jsonl

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/undertone-audit/undertone"
)

var oneRow = undertone.NewDataset("one", []undertone.Example{ask("", "a")})

const oneLine = "{\"text\":\"a\"}\n"

func TestSaveKeepsTheMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: files have no Unix mode here")
	}
	path := written(t, "rows", "old")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := Save(t.Context(), path, oneRow); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
}

func TestSaveThroughALink(t *testing.T) {
	path := written(t, "rows", "old")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Skip("not checked: no symbolic links here:", err)
	}
	if err := Save(t.Context(), link, oneRow, As(Text)); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().Type() != fs.ModeSymlink {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	if got := content(t, path); got != oneLine {
		t.Errorf("the file holds %q", got)
	}
}

func TestSaveRefusesPaths(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "none", "rows")
	_, none := os.Open(missing) // its text is the operating system's
	for _, c := range []struct {
		reason, path, want string
		is                 error
	}{
		{"a directory", dir, "cannot save: is a directory; name a file in it; the old file, if any, is unchanged", nil},
		{"a folder that is missing", missing, "cannot save: " + reason(none) + "; the old file, if any, is unchanged", fs.ErrNotExist},
	} {
		err := Save(t.Context(), c.path, oneRow)
		if err == nil || err.Error() != c.path+": "+c.want || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: got %v, want %s", c.reason, err, c.want)
		}
	}
}

func TestSaveToADevice(t *testing.T) {
	const full = "/dev/full"
	if info, err := os.Stat(full); err != nil || info.Mode().Type()&fs.ModeDevice == 0 {
		t.Skip("not checked: there is no", full)
	}
	err := Save(t.Context(), full, oneRow)
	if !errors.Is(err, syscall.ENOSPC) || !strings.HasPrefix(err.Error(), "/dev/full: cannot save: no space left on device") {
		t.Errorf("got %v", err)
	}
	if info, err := os.Stat(full); err != nil || info.Mode().Type()&fs.ModeDevice == 0 {
		t.Errorf("the device was replaced: %v", err)
	}
}

func TestSaveToAPipe(t *testing.T) {
	if _, err := os.Stat("/dev/fd"); err != nil {
		t.Skip("not checked: pipes have no path here")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	path := "/dev/fd/" + strconv.Itoa(int(w.Fd()))
	if err := Save(t.Context(), path, oneRow, As(Text)); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != oneLine {
		t.Errorf("the pipe gave %q, %v", got, err)
	}
}
