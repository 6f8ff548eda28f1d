package compress

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is the largest accepted zstd window, in bytes: the default limit of the zstd command.
const maxWindow = 128 << 20

// NewReader returns a reader of the content of r: gzip or zstd, which its first bytes say, or the
// bytes themselves.
func NewReader(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	head, _ := buffered.Peek(4) // an error recurs at the first read
	switch {
	case len(head) >= 2 && string(head[:2]) == "\x1f\x8b":
		return gzip.NewReader(buffered)
	case string(head) == "\x28\xb5\x2f\xfd":
		// Concurrency 1 decodes in this goroutine, so no goroutine is left when a caller
		// stops early.
		return zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	}
	return buffered, nil
}
