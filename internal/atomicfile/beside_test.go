package atomicfile

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestCreateRemovesLeftovers(t *testing.T) {
	if !locks {
		t.Skip("not checked: leftovers cannot be told from files that are being written on this system")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "rows.jsonl")
	living, err := Create(path) // slot 0, locked
	if err != nil {
		t.Fatal(err)
	}
	keep := append(names(t, dir), // and names that are not temporary files of path
		".rows.jsonl.tmp", ".rows.jsonl.9.tmp", ".other.jsonl.1.tmp", "rows.jsonl.1.tmp")
	for _, name := range append(slices.Clone(keep[1:]), ".rows.jsonl.1.tmp", ".rows.jsonl.2.tmp") {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteFile(path, []byte("second")); err != nil {
		t.Fatal(err)
	}
	got, want := names(t, dir), append(keep, "rows.jsonl")
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
	if _, err := living.Write([]byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := living.Commit(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); string(text) != "first" {
		t.Errorf("the file holds %q, %v: want the last commit", text, err)
	}
}

// A folder under the name of a temporary file is left alone.
func TestCreateSkipsWhatItCannotRemove(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rows")
	if err := os.Mkdir(temporary(path, 0), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, []byte("text")); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{".rows.0.tmp", "rows"}) {
		t.Errorf("the folder holds %q", got)
	}
}

func TestClaim(t *testing.T) {
	if !locks {
		t.Skip("not checked: this system has no file locks")
	}
	dir := t.TempDir()
	open := func(name string) *os.File {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	if !claim(open("a")) {
		t.Error("a new file was not claimed")
	}
	if claim(open("a")) {
		t.Error("a locked file was claimed")
	}
	removed := open("removed")
	if err := os.Remove(removed.Name()); err != nil {
		t.Fatal(err)
	}
	if claim(removed) {
		t.Error("a removed file was claimed")
	}
	replaced := open("replaced")
	if err := os.Rename(open("other").Name(), replaced.Name()); err != nil {
		t.Fatal(err)
	}
	if claim(replaced) {
		t.Error("a file whose name belongs to another file was claimed")
	}
}
