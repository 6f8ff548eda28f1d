package atomicfile

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// names returns the sorted names in a folder.
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

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rows")
	large := strings.Repeat("0123456789", bufferSize/5)
	for _, text := range []string{"new", large, ""} {
		err := Write(path, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
		if got, _ := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%d bytes: the file holds %d bytes, error %v", len(text), len(got), err)
		}
	}
	if left := names(t, dir); !slices.Equal(left, []string{"rows"}) {
		t.Errorf("the folder holds %q", left)
	}
}

func TestWriteThatFails(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		reason string
		write  func(io.Writer) error
	}{
		{"an error", func(w io.Writer) error {
			_, _ = w.Write(make([]byte, 2*bufferSize))
			return broken
		}},
		{"a panic", func(w io.Writer) error {
			_, _ = w.Write(make([]byte, 2*bufferSize))
			panic(broken)
		}},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "rows")
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := func() (err error) {
			defer func() {
				if p := recover(); p != nil {
					err = p.(error)
				}
			}()
			return Write(path, c.write)
		}()
		if got, _ := os.ReadFile(path); !errors.Is(err, broken) || string(got) != "old" || len(names(t, dir)) != 1 {
			t.Errorf("%s: error %v, the file holds %.10q, the folder %q", c.reason, err, got, names(t, dir))
		}
	}
}

func TestCommitThatFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rows")
	to, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o777); err != nil { // a rename cannot replace it
		t.Fatal(err)
	}
	if err := to.Commit(); err == nil || !strings.HasPrefix(err.Error(), "rename "+path+": ") {
		t.Errorf("error %v, want an error that names the path", err)
	}
	if left := strings.Join(names(t, dir), " "); left != "rows" {
		t.Errorf("left behind: %q", left)
	}
}

// Writers of one path do not disturb each other.
func TestConcurrentWriters(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rows")
	text := []byte(strings.Repeat("text ", 10_000))
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 10 {
				if err := WriteFile(path, text); err != nil {
					t.Error(err)
				}
				if got, err := os.ReadFile(path); err != nil || string(got) != string(text) {
					t.Errorf("the file holds %d bytes, error %v, want %d bytes", len(got), err, len(text))
				}
			}
		})
	}
	wg.Wait()
	if left := names(t, dir); !slices.Equal(left, []string{"rows"}) {
		t.Errorf("the folder holds %q", left)
	}
}

// TestFullDisk runs itself again under a limit on the size of files, which makes a write fail
// half-way as a full disk does.
func TestFullDisk(t *testing.T) {
	if folder := os.Getenv("UNDERTONE_TEST_FULL_DISK"); folder != "" {
		path := filepath.Join(folder, "rows")
		if err := WriteFile(path, make([]byte, 1<<17)); err == nil || !strings.HasPrefix(err.Error(), "write "+path+": ") {
			t.Errorf("error %v, want an error that names the path", err)
		}
		return
	}
	folder := t.TempDir()
	limited := exec.Command("sh", "-c", `ulimit -f 1 && exec "$0" -test.run='^TestFullDisk$' -test.v`, os.Args[0])
	limited.Env = append(os.Environ(), "UNDERTONE_TEST_FULL_DISK="+folder)
	// The exit status is ignored: the limit also applies to a coverage profile.
	out, err := limited.CombinedOutput()
	if !strings.Contains(string(out), "=== RUN") {
		t.Skipf("not checked: a full disk: no shell that limits the size of files: %v %s", err, out)
	}
	if !strings.Contains(string(out), "--- PASS: TestFullDisk") {
		t.Errorf("%v\n%s", err, out)
	}
	if left := names(t, folder); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
