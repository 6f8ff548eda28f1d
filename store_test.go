package undertone

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
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
	if _, _, err := DirStore(file).Get(storeKey("x")); err == nil || !strings.Contains(err.Error(), "undertone: store: lstat") {
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
	if err := DirStore(folder).Prepare(); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Prepare: error %v, want that of the permission", err)
	}
}

// A store returns what it holds; who put it there checks it.
func TestDirStoreReturnsDamagedFiles(t *testing.T) {
	dir := DirStore(t.TempDir())
	for _, damage := range []string{"", "[[-1,", "\x00\x00\x00", "[[-1,-2]]]"} {
		if err := os.WriteFile(dir.File(storeKey("x")), []byte(damage), 0o644); err != nil {
			t.Fatal(err)
		}
		if value, ok, err := dir.Get(storeKey("x")); !ok || err != nil || string(value) != damage {
			t.Errorf("%q: %q, %v, %v", damage, value, ok, err)
		}
	}
	if err := os.Truncate(dir.File(storeKey("x")), maxValue+1); err != nil {
		t.Skip("not checked: a file that is too large:", err)
	}
	if _, _, err := dir.Get(storeKey("x")); err == nil || !strings.Contains(err.Error(), "has 4294967297 bytes, want <= 4294967296: delete it") {
		t.Errorf("a file that is too large gives %v", err)
	}
}

// A link could be used to write somewhere else.
func TestDirStoreRefusesLinks(t *testing.T) {
	dir, target := DirStore(t.TempDir()), filepath.Join(t.TempDir(), "target")
	if err := os.WriteFile(target, []byte("[]"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, dir.File(storeKey("x"))); err != nil {
		t.Skip("not checked: symbolic links:", err)
	}
	refusesToUse(t, dir, "a link")
	if text, err := os.ReadFile(target); string(text) != "[]" || err != nil {
		t.Errorf("the target of the link holds %q, %v", text, err)
	}
}

// refusesToUse checks that a store neither reads nor writes the file of a key.
func refusesToUse(t *testing.T, dir DirStore, what string) {
	t.Helper()
	want := dir.File(storeKey("x")) + " is not a regular file: delete it"
	if _, ok, err := dir.Get(storeKey("x")); ok || err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: Get gives %v, %v", what, ok, err)
	}
	if err := dir.Put(storeKey("x"), []byte("[1]")); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: Put gives %v", what, err)
	}
}

func TestDirStorePrepare(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "b")
	dir := DirStore(folder)
	if err := dir.Prepare(); err != nil {
		t.Fatal(err)
	}
	key := filepath.Base(dir.File(storeKey("x")))
	keep := []string{".notes.0.tmp", "." + key + ".tmp", "." + key + ".x.tmp", ".abcd.json.0.tmp", key + ".0.tmp", key}
	for _, name := range append(slices.Clone(keep), "."+key+".0.tmp", "."+key+".12.tmp") {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := dir.Prepare(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	slices.Sort(keep)
	if !slices.Equal(left, keep) {
		t.Errorf("the folder holds %q, want %q", left, keep)
	}
	if err := DirStore(dir.File(storeKey("x"))).Prepare(); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("a file where the folder should be: error %v", err)
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
