package jsonl

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// written returns the path of a new file.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	path := written(t, "rows.jsonl", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n")
	d, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if d.Name() != path || d.Len() != 2 || d.Example(1).Completion() != "b" {
		t.Errorf("got %d rows of %q", d.Len(), d.Name())
	}
}

func TestLoadGoesByContentNotByName(t *testing.T) {
	text := []byte(`{"text":"a"}`)
	for _, c := range []struct{ reason, name, content string }{
		{"plain text under a compressed name", "rows.jsonl.gz", string(text)},
		{"gzip under the name of zstd", "rows.jsonl.zst", string(gzipped(t, text))},
		{"zstd under a plain name", "rows.jsonl", string(zstandard(t, text))},
	} {
		if d, err := Load(written(t, c.name, c.content)); err != nil || d.Len() != 1 {
			t.Errorf("%s: %v", c.reason, err)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	folder := t.TempDir()
	missing := filepath.Join(folder, "none")
	_, none := os.Open(missing) // its text is the operating system's
	for _, c := range []struct {
		reason, path, want string
		is                 error
	}{
		{"a missing file", missing, "cannot open: " + reason(none) + "; check the path", fs.ErrNotExist},
		{"a directory", folder, "is a directory; name one file in it", nil},
		{"an empty file", written(t, "empty", ""), "there are no rows; check the program that writes them", ErrEmpty},
	} {
		d, err := Load(c.path)
		if d != nil || err == nil || err.Error() != c.path+": "+c.want || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: got %v, want %s", c.reason, err, c.want)
		}
	}
	if _, err := Load(written(t, "rows", "{}"), As("csv")); !errors.Is(err, ErrShape) {
		t.Errorf("an unknown shape: %v", err)
	}
}

func TestLoadLimitsMemory(t *testing.T) {
	// One thousand tiny rows are 13 kB of text and less than 30 bytes of zstd,
	// but each takes far more than its line.
	path := written(t, "rows", string(zstandard(t, []byte(strings.Repeat("{\"text\":\"\"}\n", 1000)))))
	_, err := Load(path, MaxMemory(100_000))
	if !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "the rows take more than 100000 bytes of memory; read them as a stream, or allow more with the option MaxMemory") {
		t.Errorf("got %v", err)
	}
	if _, err := Load(path, MaxMemory(1_000_000)); err != nil {
		t.Errorf("with enough memory: %v", err)
	}
}

func TestCloseClosesOnlyWhatWasOpened(t *testing.T) {
	path := written(t, "rows", `{"text":"a"}`)
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for _, err := range r.Rows() {
		if !errors.Is(err, fs.ErrClosed) {
			t.Errorf("a row after Close: %v", err)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := NewReader(path, f).Close(); err != nil {
		t.Error(err)
	}
	if _, err := f.Stat(); err != nil {
		t.Errorf("the caller's file was closed: %v", err)
	}
}
