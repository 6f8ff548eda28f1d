// Package compress writes compressed files.
package compress

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// NewWriter returns a writer that compresses to w in the format that the extension of path names:
// .gz (gzip), .zst (zstd), or no compression. The output depends only on the content: it holds no
// time and no file name. Close ends the compressed stream; it does not close w.
func NewWriter(path string, w io.Writer) (io.WriteCloser, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".gz":
		return gzip.NewWriter(w), nil
	case ".zst":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	}
	return plain{w}, nil
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }
