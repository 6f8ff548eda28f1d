package main

import (
	"io"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance"
)

// hashedBytes is the digest of bytes that a verb has read or written.
type hashedBytes interface {
	// end returns the digest and the number of the bytes. It may be called again.
	end() (undertone.Digest, int64)
}

// hashing computes the digest of the bytes that are written to it, on a goroutine of its own, so
// that reading, filtering and writing do not wait for it. It copies them.
type hashing struct {
	full  chan []byte
	free  chan []byte
	done  chan struct{}
	block []byte // that is being filled

	sum  undertone.Digest
	size int64
}

// Each hashing has a few blocks of this size, in bytes.
const (
	hashedBlock  = 128 << 10 // as the reader of rows has
	hashedBlocks = 4
)

func newHashing() *hashing {
	h := &hashing{full: make(chan []byte, hashedBlocks), free: make(chan []byte, hashedBlocks), done: make(chan struct{})}
	for range hashedBlocks - 1 {
		h.free <- make([]byte, 0, hashedBlock)
	}
	h.block = make([]byte, 0, hashedBlock)
	go h.run(h.full)
	return h
}

func (h *hashing) run(full <-chan []byte) {
	bytes := provenance.NewByteHasher()
	for block := range full {
		_, _ = bytes.Write(block)
		h.free <- block[:0]
	}
	h.sum, h.size = bytes.Sum()
	close(h.done)
}

// Write implements [io.Writer].
func (h *hashing) Write(p []byte) (int, error) {
	for n := len(p); ; {
		k := copy(h.block[len(h.block):cap(h.block)], p)
		h.block, p = h.block[:len(h.block)+k], p[k:]
		if len(p) == 0 {
			return n, nil
		}
		h.full <- h.block
		h.block = <-h.free
	}
}

// end implements [hashedBytes].
func (h *hashing) end() (undertone.Digest, int64) {
	if h.full != nil {
		h.full <- h.block
		close(h.full)
		h.full = nil
		<-h.done
	}
	return h.sum, h.size
}

// hashedWrites computes the digest of the bytes of an output, without a copy of them.
type hashedWrites struct{ *provenance.ByteHasher }

func newHashedWrites() *hashedWrites { return &hashedWrites{provenance.NewByteHasher()} }

// write hashes p while to writes it. After an error of to the digest is not that of the file.
func (h *hashedWrites) write(p []byte, to io.Writer) (int, error) {
	hashed := make(chan struct{})
	go func() {
		defer close(hashed)
		_, _ = h.Write(p)
	}()
	n, err := to.Write(p)
	<-hashed
	return n, err
}

// end implements [hashedBytes].
func (h *hashedWrites) end() (undertone.Digest, int64) { return h.Sum() }
