package outfile

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestCreateRemovesLeftovers(t *testing.T) {
	if !locks {
		t.Skip("not checked: leftovers of killed processes cannot be told from living files here")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "rows.jsonl")
	living, err := Create(path) // another writer of the same file, which holds its lock
	if err != nil {
		t.Fatal(err)
	}
	keep := append(names(t, dir), // and names that are not of the form of this path's files
		".rows.jsonl.0.tmp", ".rows.jsonl.notahexa.tmp", ".other.jsonl.00000000.tmp", "rows.jsonl.00000000.tmp")
	for _, name := range append(slices.Clone(keep[1:]), ".rows.jsonl.00000000.tmp", ".rows.jsonl.deadbeef.tmp") {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("second")); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
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
		t.Errorf("the file holds %q, %v: want what was committed last", text, err)
	}
}

// A file that was removed before it was locked is not used.
func TestClaim(t *testing.T) {
	if !locks {
		t.Skip("not checked: there are no locks here")
	}
	dir := t.TempDir()
	open := func(name string) aside {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return aside{f, filepath.Join(dir, "rows")}
	}
	a := open("a")
	if !a.claim() {
		t.Error("a new file was not claimed")
	}
	again := open("a")
	if again.claim() {
		t.Error("a locked file was claimed")
	}
	gone := open("gone")
	if err := os.Remove(gone.Name()); err != nil {
		t.Fatal(err)
	}
	if gone.claim() {
		t.Error("a file that was removed was claimed")
	}
	for _, f := range []aside{a, again, gone} {
		f.Abandon()
	}
}
