package mapped

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

// pattern returns n bytes. Its pages differ.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>12)
	}
	return b
}

// file writes a file and maps it.
func file(t *testing.T, content []byte) (*File, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows")
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, path
}

func TestReadAt(t *testing.T) {
	content := pattern(10_000)
	f, _ := file(t, content)
	if f.Size() != 10_000 || f.Unchanged() != nil {
		t.Errorf("size %d, %v", f.Size(), f.Unchanged())
	}
	for _, c := range []struct {
		off, n, want int
		err          error
	}{
		{0, 10_000, 10_000, nil}, {4090, 12, 12, nil}, {9_999, 1, 1, nil},
		{9_999, 2, 1, io.EOF}, {10_000, 1, 0, io.EOF}, {10_000, 0, 0, nil},
	} {
		p := make([]byte, c.n)
		n, err := f.ReadAt(p, int64(c.off))
		if n != c.want || err != c.err || !bytes.Equal(p[:n], content[c.off:c.off+n]) {
			t.Errorf("%d bytes at %d: read %d, %v; want %d, %v", c.n, c.off, n, err, c.want, c.err)
		}
	}
	for _, off := range []int64{-1, 10_001, 1 << 62} {
		if n, err := f.ReadAt(make([]byte, 1), off); n != 0 || err == nil || err == io.EOF {
			t.Errorf("offset %d: read %d, %v; want an error", off, n, err)
		}
	}
}

func TestEmptyFile(t *testing.T) {
	f, _ := file(t, nil)
	if n, err := f.ReadAt(make([]byte, 1), 0); n != 0 || err != io.EOF || f.Size() != 0 {
		t.Errorf("read %d, %v", n, err)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := Open(dir); err == nil {
		t.Error("a folder was opened")
	}
}

// A read of a part that a truncated file no longer has is an error. The read does not compare
// sizes, so this is the fault that would end the program with SIGBUS.
func TestTruncatedFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: a mapped file cannot be truncated on Windows")
	}
	page := os.Getpagesize()
	for _, left := range []int{0, 1, page, 3*page + 5} {
		f, path := file(t, pattern(8*page))
		if err := os.Truncate(path, int64(left)); err != nil {
			t.Fatal(err)
		}
		if err := f.Unchanged(); !errors.Is(err, ErrChanged) {
			t.Errorf("%d bytes are left: Unchanged is %v", left, err)
		}
		for _, n := range []int{1, 100, page, 3 * page} { // several kinds of copy
			p := make([]byte, n)
			if got, err := f.ReadAt(p, int64(5*page-1)); got != 0 || !errors.Is(err, ErrChanged) {
				t.Errorf("%d bytes are left: a read of %d bytes after them: %d, %v", left, n, got, err)
			}
		}
		if n, err := f.ReadAt(make([]byte, 8*page), 0); n != 0 || !errors.Is(err, ErrChanged) {
			t.Errorf("%d bytes are left: a read of all: %d, %v", left, n, err)
		}
	}
}

// Reads on several goroutines meet a file that shrinks.
func TestTruncatedWhileRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: a mapped file cannot be truncated on Windows")
	}
	page := os.Getpagesize()
	content := pattern(64 * page)
	f, path := file(t, content)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			p := make([]byte, 2*page)
			for i := 0; ; i++ {
				off := (i*7 + g) % 62 * page
				n, err := f.ReadAt(p, int64(off))
				switch {
				case errors.Is(err, ErrChanged):
					return
				case err != nil || n != len(p) || !bytes.Equal(p, content[off:off+n]):
					t.Errorf("read %d bytes at %d, %v", n, off, err)
					return
				}
			}
		})
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
}

func TestUnchanged(t *testing.T) {
	for reason, change := range map[string]func(path string) error{
		"removed":  os.Remove,
		"appended": func(path string) error { return os.WriteFile(path, pattern(101), 0o666) },
		"modified": func(path string) error { return os.Chtimes(path, time.Time{}, time.Unix(1, 0)) },
		"replaced": func(path string) error {
			if err := os.WriteFile(path+".new", pattern(100), 0o666); err != nil {
				return err
			}
			info, err := os.Stat(path)
			if err == nil {
				err = os.Chtimes(path+".new", time.Time{}, info.ModTime())
			}
			return errors.Join(err, os.Rename(path+".new", path))
		},
	} {
		f, path := file(t, pattern(100))
		if err := f.Unchanged(); err != nil {
			t.Errorf("%s: before: %v", reason, err)
		}
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		if err := f.Unchanged(); !errors.Is(err, ErrChanged) {
			t.Errorf("%s: %v", reason, err)
		}
	}
}

func TestClose(t *testing.T) {
	f, _ := file(t, pattern(100))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				if _, err := f.ReadAt(make([]byte, 100), 0); errors.Is(err, fs.ErrClosed) {
					return
				} else if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	if err := f.Close(); err != nil || f.Close() != nil {
		t.Error(err)
	}
	wg.Wait()
}
