package main

import (
	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance"
)

// hashing computes the digest of the bytes that are written to it, on a goroutine of its own, so
// that reading, filtering and writing do not wait for it.
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
	hashedBlock  = 256 << 10
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

// end returns the digest and the number of the bytes. It may be called again.
func (h *hashing) end() (undertone.Digest, int64) {
	if h.full != nil {
		h.full <- h.block
		close(h.full)
		h.full = nil
		<-h.done
	}
	return h.sum, h.size
}
