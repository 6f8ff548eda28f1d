package undertone

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func storeKey(name string) Digest { return NewHasher("test").Text(name).Sum() }

// TestStoreContract holds what package undertone asks of a Store.
func TestStoreContract(t *testing.T) {
	for name, s := range map[string]Store{"MemoryStore": &MemoryStore{}, "DirStore": DirStore(filepath.Join(t.TempDir(), "a", "b"))} {
		if v, ok, err := s.Get(storeKey("x")); v != nil || ok || err != nil {
			t.Errorf("%s: empty, and gives %q, %v, %v", name, v, ok, err)
		}
		for _, value := range []string{"[[-1,-2]]", "[]"} {
			if err := s.Put(storeKey(value), []byte(value)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if v, ok, err := s.Get(storeKey(value)); string(v) != value || !ok || err != nil {
				t.Errorf("%s: gives %q, %v, %v for %q", name, v, ok, err, value)
			}
		}
		if v, _, _ := s.Get(storeKey("[]")); string(v) != "[]" {
			t.Errorf("%s: keys are mixed up: %q", name, v)
		}
	}
}

// Replicates that end at the same time write one key concurrently, as do two processes in one
// folder.
func TestStoreConcurrentPut(t *testing.T) {
	folder := t.TempDir()
	for name, s := range map[string]Store{"MemoryStore": &MemoryStore{}, "DirStore": DirStore(folder)} {
		value := []byte("[" + strings.Repeat("[-1,-2],", 5000) + "[-1,-2]]")
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if err := s.Put(storeKey("shared"), value); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if v, ok, err := s.Get(storeKey("shared")); !ok || err != nil || !bytes.Equal(v, value) {
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

func TestDirStoreErrors(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason string
		dir    DirStore
		want   string
	}{
		{"a file where the folder should be", DirStore(file), "undertone: store: mkdir"},
		{"a folder below a file", DirStore(filepath.Join(file, "below")), "undertone: store: mkdir"},
	} {
		if err := c.dir.Put(storeKey("x"), []byte("[]")); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Put gives %v, want an error with %q", c.reason, err, c.want)
		}
	}
	if _, _, err := DirStore(file).Get(storeKey("x")); err == nil || !strings.Contains(err.Error(), "undertone: store: open") {
		t.Errorf("reading below a file gives %v", err)
	}
	// A file cannot replace a folder of its name.
	taken := DirStore(folder)
	if err := os.Mkdir(taken.File(storeKey("x")), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := taken.Put(storeKey("x"), []byte("[]")); err == nil {
		t.Error("a value that cannot be put in place gives no error")
	}
	if left, err := filepath.Glob(filepath.Join(folder, ".*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("a failed Put leaves %v, %v", left, err)
	}
}

func TestDirStoreThatCannotBeWritten(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "locked")
	if err := os.Mkdir(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	if f, err := os.CreateTemp(folder, ""); err == nil {
		f.Close()
		t.Skip("not checked: a folder without write permission: this user may write everywhere")
	}
	if err := DirStore(folder).Put(storeKey("x"), []byte("[]")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v, want that of the permission", err)
	}
}

func TestDirStoreRefusesDamagedFiles(t *testing.T) {
	dir := DirStore(t.TempDir())
	if err := dir.Put(storeKey("x"), []byte("[[-1,-2]]")); err != nil {
		t.Fatal(err)
	}
	for _, damage := range []string{"", "[[-1,", "\x00\x00\x00", "[[-1,-2]]]"} {
		if err := os.WriteFile(dir.File(storeKey("x")), []byte(damage), 0o644); err != nil {
			t.Fatal(err)
		}
		_, ok, err := dir.Get(storeKey("x"))
		if ok || err == nil || !strings.Contains(err.Error(), dir.File(storeKey("x"))+" is damaged: delete it") {
			t.Errorf("%q: %v, %v, want an error that names the file", damage, ok, err)
		}
	}
}

func TestMemoryStoreAll(t *testing.T) {
	m := &MemoryStore{}
	want := map[Digest][]byte{storeKey("a"): []byte("1"), storeKey("b"): []byte("2")}
	for k, v := range want {
		if err := m.Put(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if got := maps.Collect(m.All()); !maps.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("All gives %q, want %q", got, want)
	}
	n := 0
	for range m.All() {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d values after a break, want 1", n)
	}
}
