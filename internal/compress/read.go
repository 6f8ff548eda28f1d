package compress

import (
	"bufio"
	"fmt"
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

// Limits of [NewDocumentReader]. Reports and envelopes shrink to a third to a thirtieth.
const (
	freeDocument = 8 << 20 // bytes after decompression that have any size before it
	mostGrowth   = 100     // largest factor of decompression of a larger document
)

// NewDocumentReader is [NewReader] of a document that is read as a whole. It fails if the content
// is much larger than what it was compressed to: a small file must not cost the time and the memory
// of a large document.
func NewDocumentReader(r io.Reader) (io.Reader, error) {
	packed := &counter{Reader: r}
	plain, err := NewReader(packed)
	if err != nil {
		return nil, err
	}
	return &document{counter{Reader: plain}, packed}, nil
}

// counter counts the bytes that are read.
type counter struct {
	io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

type document struct {
	counter
	packed *counter
}

func (d *document) Read(p []byte) (int, error) {
	n, err := d.counter.Read(p)
	if d.n > freeDocument && d.n/mostGrowth > d.packed.n {
		return n, fmt.Errorf("it expands to more than %d bytes, by a factor above %d, which no usual document does; decompress it if you trust it", freeDocument, mostGrowth)
	}
	return n, err
}
