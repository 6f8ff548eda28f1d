package compress

import (
	"bytes"
	"io"
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
