package compress

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestNewReaderReadsWhatNewWriterWrites(t *testing.T) {
	for _, path := range []string{"rows", "rows.gz", "rows.zst"} {
		for _, text := range []string{"", "a", strings.Repeat("text ", 10_000)} {
			var b bytes.Buffer
			w, err := NewWriter(path, &b)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, text); err != nil || w.Close() != nil {
				t.Fatal(path, err)
			}
			r, err := NewReader(&b)
			if err != nil {
				t.Fatal(path, err)
			}
			if got, err := io.ReadAll(r); err != nil || string(got) != text {
				t.Errorf("%s: %d bytes became %d, %v", path, len(text), len(got), err)
			}
		}
	}
	if _, err := NewReader(strings.NewReader("\x1f\x8bno header")); err == nil {
		t.Error("damaged gzip has a reader")
	}
}

// A small file of a large document is refused. The same document without compression is read, and
// so are random bytes, which hardly shrink.
func TestDocumentsOfSmallFiles(t *testing.T) {
	random := make([]byte, 9<<20)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	for _, c := range []struct {
		name, path string
		text       []byte
		refused    bool
	}{
		{"without compression", "document", make([]byte, 9<<20), false},
		{"gzip", "document.gz", make([]byte, 9<<20), true},
		{"zstd", "document.zst", make([]byte, 9<<20), true},
		{"a smaller document", "document.gz", make([]byte, 8<<20), false},
		{"a document that hardly shrinks", "document.gz", random, false},
	} {
		var b bytes.Buffer
		w, err := NewWriter(c.path, &b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(c.text); err != nil || w.Close() != nil {
			t.Fatal(c.name, err)
		}
		r, err := NewDocumentReader(&b)
		if err != nil {
			t.Fatal(c.name, err)
		}
		text, err := io.ReadAll(r)
		if refused := err != nil && strings.Contains(err.Error(), "by a factor above 100"); refused != c.refused || !refused && (err != nil || !bytes.Equal(text, c.text)) {
			t.Errorf("%s: %d bytes, error %v", c.name, len(text), err)
		}
	}
}
