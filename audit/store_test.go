package audit

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone"
)

func key(name string) undertone.Digest { return undertone.NewHasher("test").Text(name).Sum() }

// TestStoreContract holds what package audit asks of a Store.
func TestStoreContract(t *testing.T) {
	for name, s := range map[string]Store{"Memory": &Memory{}, "Dir": Dir(filepath.Join(t.TempDir(), "a", "b"))} {
		if v, ok, err := s.Get(key("x")); v != nil || ok || err != nil {
			t.Errorf("%s: empty, and gives %q, %v, %v", name, v, ok, err)
		}
		for _, value := range []string{"[[-1,-2]]", "[]"} {
			if err := s.Put(key(value), []byte(value)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if v, ok, err := s.Get(key(value)); string(v) != value || !ok || err != nil {
				t.Errorf("%s: gives %q, %v, %v for %q", name, v, ok, err, value)
			}
		}
		if v, _, _ := s.Get(key("[]")); string(v) != "[]" {
			t.Errorf("%s: keys are mixed up: %q", name, v)
		}
	}
}

// Replicates that end together write one key at once, as do two processes in one folder.
func TestStoreConcurrentPut(t *testing.T) {
	folder := t.TempDir()
	for name, s := range map[string]Store{"Memory": &Memory{}, "Dir": Dir(folder)} {
		value := []byte("[" + strings.Repeat("[-1,-2],", 5000) + "[-1,-2]]")
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if err := s.Put(key("shared"), value); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if v, ok, err := s.Get(key("shared")); !ok || err != nil || !bytes.Equal(v, value) {
					t.Errorf("%s: %d bytes, %v, %v after a Put of %d", name, len(v), ok, err, len(value))
				}
			})
		}
		wg.Wait()
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("%d files are left (%v), want the one of the key", len(left), err)
	}
}

func TestDirErrors(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason string
		dir    Dir
		want   string
	}{
		{"a file where the folder should be", Dir(file), "audit: store: mkdir"},
		{"a folder below a file", Dir(filepath.Join(file, "below")), "audit: store: mkdir"},
	} {
		if err := c.dir.Put(key("x"), []byte("[]")); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Put gives %v, want an error with %q", c.reason, err, c.want)
		}
	}
	if _, _, err := Dir(file).Get(key("x")); err == nil || !strings.Contains(err.Error(), "audit: store: open") {
		t.Errorf("reading below a file gives %v", err)
	}
	// a folder under the value's name cannot be replaced by a file.
	taken := Dir(folder)
	if err := os.Mkdir(taken.file(key("x")), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := taken.Put(key("x"), []byte("[]")); err == nil {
		t.Error("a checkpoint that cannot be put in place gives no error")
	}
	if left, _ := filepath.Glob(filepath.Join(folder, ".value-*")); len(left) > 0 {
		t.Errorf("a failed Put leaves %v", left)
	}
}

func TestDirThatCannotBeWritten(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "locked")
	if err := os.Mkdir(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	if f, err := os.CreateTemp(folder, ""); err == nil {
		f.Close()
		t.Skip("not checked: a folder without write permission: this user may write everywhere")
	}
	if err := Dir(folder).Put(key("x"), []byte("[]")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v, want that of the permission", err)
	}
}

// TestDirOnAFullDisk runs itself again under a limit on the size of files, which fails
// a write half-way as a full disk does.
func TestDirOnAFullDisk(t *testing.T) {
	if folder := os.Getenv("UNDERTONE_TEST_FULL_DISK"); folder != "" {
		value := bytes.Repeat([]byte("[]"), 1<<16)
		if err := Dir(folder).Put(key("x"), value); err == nil || !strings.HasPrefix(err.Error(), "audit: store: write") {
			t.Errorf("error %v, want that of the write", err)
		}
		return
	}
	folder := t.TempDir()
	limited := exec.Command("sh", "-c", `ulimit -f 1 && exec "$0" -test.run='^TestDirOnAFullDisk$' -test.v`, os.Args[0])
	limited.Env = append(os.Environ(), "UNDERTONE_TEST_FULL_DISK="+folder)
	// The exit status is left aside: the limit holds for a coverage profile, too.
	out, err := limited.CombinedOutput()
	if !strings.Contains(string(out), "=== RUN") {
		t.Skipf("not checked: a full disk: no shell that limits the size of files: %v %s", err, out)
	}
	if !strings.Contains(string(out), "--- PASS: TestDirOnAFullDisk") {
		t.Errorf("%v\n%s", err, out)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("half of a checkpoint is left: %v (%v)", left, err)
	}
}

func TestDirRefusesDamagedFiles(t *testing.T) {
	dir := Dir(t.TempDir())
	if err := dir.Put(key("x"), []byte("[[-1,-2]]")); err != nil {
		t.Fatal(err)
	}
	for _, damage := range []string{"", "[[-1,", "\x00\x00\x00", "[[-1,-2]]]"} {
		if err := os.WriteFile(dir.file(key("x")), []byte(damage), 0o644); err != nil {
			t.Fatal(err)
		}
		_, ok, err := dir.Get(key("x"))
		if ok || err == nil || !strings.Contains(err.Error(), dir.file(key("x"))+" is damaged: delete it") {
			t.Errorf("%q: %v, %v, want an error that names the file", damage, ok, err)
		}
	}
}
