package jsonl

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
)

// folder returns the names of the files in a folder, so that a test sees what was left behind.
func folder(t *testing.T, path string) string {
	t.Helper()
	entries, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func content(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSave(t *testing.T) {
	rows := numberRows(500, completionLayout)
	d, err := undertone.Collect("rows", Read("rows", bytes.NewReader(rows)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, magic string }{{"rows.jsonl", "{"}, {"rows.jsonl.gz", magicGzip}, {"rows.JSONL.ZST", magicZstd}} {
		dir := t.TempDir()
		path := filepath.Join(dir, c.name)
		for range 2 { // make the file, then replace it
			if err := Save(t.Context(), path, d); err != nil {
				t.Fatal(err)
			}
		}
		if first := content(t, path); !strings.HasPrefix(first, c.magic) {
			t.Errorf("%s begins with %x", c.name, first[:4])
		}
		back, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if back.Digest() != d.Digest() || back.Len() != 500 {
			t.Errorf("%s: %d rows, and not those that were saved", c.name, back.Len())
		}
		if left := folder(t, dir); left != c.name {
			t.Errorf("the folder of %s holds %q", c.name, left)
		}
	}
}

func TestSaveCopiesUnchangedFiles(t *testing.T) {
	rows := string(numberRows(500, metaLayout))
	path := filepath.Join(t.TempDir(), "rows")
	if n, err := SaveStream(t.Context(), path, Read("rows", strings.NewReader(rows))); err != nil || n != 500 {
		t.Fatal(n, err)
	}
	if content(t, path) != rows {
		t.Error("the file is not what was read")
	}
}

func TestSaveIsReproducible(t *testing.T) {
	for _, name := range []string{"a.gz", "a.zst"} {
		var files []string
		for range 2 {
			path := filepath.Join(t.TempDir(), name)
			if _, err := SaveStream(t.Context(), path, Read("rows", bytes.NewReader(numberRows(3000, messagesLayout)))); err != nil {
				t.Fatal(err)
			}
			files = append(files, content(t, path))
		}
		if files[0] != files[1] {
			t.Errorf("%s differs from run to run", name)
		}
	}
}

// TestSaveLeavesTheOldFile makes saving fail in every way and at many places.
func TestSaveLeavesTheOldFile(t *testing.T) {
	broken := errors.New("broken")
	good := func() undertone.Stream { return Read("rows", bytes.NewReader(numberRows(3000, messagesLayout))) }
	then := func(last undertone.Example, err error) func() undertone.Stream {
		return func() undertone.Stream {
			return func(yield func(undertone.Example, error) bool) {
				for e, err := range good() {
					if !yield(e, err) {
						return
					}
				}
				yield(last, err)
			}
		}
	}
	none := func() undertone.Stream { return undertone.NewDataset("", nil).Stream() }
	stopped, stop := context.WithCancel(t.Context())
	stop()
	// failAt makes atomicfile.Create's file fail at byte n, or at Commit if n is -1.
	failAt := func(n int) func(string) (atomicfile.File, error) {
		return func(path string) (atomicfile.File, error) {
			to, err := atomicfile.Create(path)
			return &faulty{File: to, left: n, err: syscall.ENOSPC}, err
		}
	}
	for _, c := range []struct {
		reason string
		ctx    context.Context
		rows   func() undertone.Stream
		create func(string) (atomicfile.File, error)
		is     error
		want   string
	}{
		{"the stream fails", t.Context(), then(undertone.Example{}, broken), atomicfile.Create, broken, "broken"},
		{"a row cannot be written", t.Context(), then(undertone.Example{}, nil), atomicfile.Create, nil, "PATH:3001: the row has no messages; drop the row"},
		{"no rows", t.Context(), none, atomicfile.Create, ErrEmpty, "PATH: there are no rows to save; the old file, if any, is unchanged"},
		{"cancelled", stopped, good, atomicfile.Create, context.Canceled, "PATH: cannot save: context canceled; the old file, if any, is unchanged"},
		{"the disk is full at once", t.Context(), good, failAt(0), syscall.ENOSPC, "PATH: cannot save: no space left on device; the old file, if any, is unchanged"},
		{"the disk is full later", t.Context(), good, failAt(40_000), syscall.ENOSPC, "PATH: cannot save: no space left on device; the old file, if any, is unchanged"},
		{"the disk is full at the end", t.Context(), good, failAt(-1), syscall.ENOSPC, "PATH: cannot save: no space left on device; the old file, if any, is unchanged"},
	} {
		for _, name := range []string{"rows.jsonl", "rows.jsonl.gz", "rows.jsonl.zst"} {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
				t.Fatal(err)
			}
			n, err := save(c.ctx, path, c.rows(), c.create, nil)
			if n != 0 || err == nil || err.Error() != strings.ReplaceAll(c.want, "PATH", path) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%s, %s: got %d, %v; want %s", c.reason, name, n, err, c.want)
			}
			if content(t, path) != "old" || folder(t, dir) != name {
				t.Errorf("%s, %s: the file holds %.20q, its folder %q", c.reason, name, content(t, path), folder(t, dir))
			}
		}
	}
}

// faulty is a file that fails.
type faulty struct {
	atomicfile.File
	left int // bytes that it takes; -1 for all, and Commit fails
	err  error
}

func (f *faulty) Write(p []byte) (int, error) {
	switch {
	case f.left < 0:
		return f.File.Write(p)
	case f.left < len(p):
		return 0, f.err
	}
	f.left -= len(p)
	return f.File.Write(p)
}

func (f *faulty) Commit() error {
	f.Abandon()
	return f.err
}

func TestSaveThatPanics(t *testing.T) {
	dir := t.TempDir()
	defer func() {
		if recover() == nil {
			t.Error("the panic of the stream is swallowed")
		}
		if left := folder(t, dir); left != "" {
			t.Errorf("left behind: %q", left)
		}
	}()
	_, _ = SaveStream(t.Context(), filepath.Join(dir, "rows"), func(yield func(undertone.Example, error) bool) {
		yield(ask("q", "a"), nil)
		panic("stream")
	})
}
