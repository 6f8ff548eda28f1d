package main

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// The pictures of the documents are those of this program, and are XML.
func TestPictures(t *testing.T) {
	for name, want := range pictures() {
		if got, err := os.ReadFile(filepath.Join("..", "pictures", name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("docs/pictures/%s is not what the code draws (%v); go run ./docs/drawdetectors docs/pictures rewrites it", name, err)
		}
		for d := xml.NewDecoder(bytes.NewReader(want)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}
