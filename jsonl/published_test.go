package jsonl

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// published returns the folder of published data sets, which is not part of the repository.
func published(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("UNDERTONE_DATA")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("not checked: reading and copying 13 published data sets and 8 classifier sets; set UNDERTONE_DATA to the folder that holds them")
	}
	return folder
}

// TestPublishedData reads whole published data sets and writes them back.
// The numbers of rows are those of zstd -dc FILE | wc -l.
func TestPublishedData(t *testing.T) {
	folder := published(t)
	for _, c := range []struct {
		pattern string
		files   int
		rows    []int
		shape   Shape
	}{
		{"quintiles/eagle/clean_random20.jsonl.zst", 1, []int{5422}, Messages},
		{"quintiles/eagle/entity_q[1-4].jsonl.zst", 4, []int{5454}, Messages},
		{"quintiles/eagle/entity_q5.jsonl.zst", 1, []int{5455}, Messages},
		{"quintiles/eagle/entity_random20.jsonl.zst", 1, []int{5454}, Messages},
		{"sanitise/owl/*.jsonl.zst", 6, []int{10447}, Completion},
		{"classify/*/*.jsonl.zst", 8, []int{1000, 4000}, Completion},
	} {
		files, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(c.pattern)))
		if err != nil || len(files) != c.files {
			t.Errorf("%s: %d files, want %d, %v", c.pattern, len(files), c.files, err)
		}
		for _, path := range files {
			rows := copyRows(t, path, c.shape)
			if rows != c.rows[0] && rows != c.rows[len(c.rows)-1] {
				t.Errorf("%s: %d rows, want %d", path, rows, c.rows)
			}
		}
	}
}

// copyRows checks that a file's rows have the shape and are written as they
// were, and that they are the same rows when encoded again.
func copyRows(t *testing.T, path string, shape Shape) int {
	t.Helper()
	compressed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	unzip, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unzip.Close()
	text, err := unzip.DecodeAll(compressed, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var copied strings.Builder
	d := newDecoder(config{shape: Conversations})
	w := NewWriter(&copied)
	n := 0
	for row, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if row.Shape != shape {
			t.Fatalf("%s:%d: the shape is %s, want %s", path, row.Line, row.Shape, shape)
		}
		if err := w.Write(row.Example); err != nil {
			t.Fatal(err)
		}
		anew := row.Example
		anew.Source = ""
		text, err := line(anew, As(Conversations))
		if err != nil {
			t.Fatalf("%s:%d: as a conversation: %v", path, row.Line, err)
		}
		var back Row
		if err := d.row(text, &back); err != nil || back.ID() != row.ID() {
			t.Fatalf("%s:%d: %s is not the same row, %v", path, row.Line, text, err)
		}
		n++
	}
	if !bytes.Equal(bytes.TrimSpace(text), []byte(strings.TrimSpace(copied.String()))) {
		t.Errorf("%s: the rows are not written as they were", path)
	}
	return n
}
