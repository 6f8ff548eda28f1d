package serve

import (
	"io"
	"net/http"
	"sync/atomic"
)

// bodies bounds the bytes of the request bodies that are held at once: received in part, waiting,
// or being answered.
type bodies struct {
	limit int64
	held  atomic.Int64
}

// held is the part of one request.
type held struct {
	of    *bodies
	bytes int64
}

// reader returns a reader that counts what it reads, and fails when all requests together hold too
// much. release must be called when the body is not needed any more.
func (b *bodies) reader(r io.Reader) (counted io.Reader, release func()) {
	h := &held{of: b}
	return countedReader{r, h}, func() { b.held.Add(-h.bytes) }
}

// take adds bytes to the part of a request.
func (h *held) take(n int64) error {
	h.bytes += n
	if h.of.held.Add(n) > h.of.limit {
		return failed(http.StatusServiceUnavailable, "ServiceUnavailableError", "", "the requests that the server holds have more than %d bytes: send fewer or smaller ones at once, or try again later", h.of.limit)
	}
	return nil
}

// countedReader counts the bytes of a body.
type countedReader struct {
	io.Reader
	held *held
}

// Read implements [io.Reader].
func (r countedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if full := r.held.take(int64(n)); full != nil {
		return n, full
	}
	return n, err
}
