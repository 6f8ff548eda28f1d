package main

import (
	"bytes"
	"crypto/sha256"
	"testing"
)

// The digest is that of all bytes, however they are divided, and end may be called again.
func TestHashing(t *testing.T) {
	text := bytes.Repeat([]byte("0123456789"), 3*hashedBlock/10)
	for _, size := range []int{0, 1, hashedBlock - 1, hashedBlock, hashedBlock + 1, len(text)} {
		for _, chunk := range []int{7919, hashedBlock, len(text)} {
			h := newHashing()
			for rest := text[:size]; len(rest) > 0; {
				n, err := h.Write(rest[:min(chunk, len(rest))])
				if err != nil || n == 0 {
					t.Fatal(n, err)
				}
				rest = rest[n:]
			}
			for range 2 {
				if sum, n := h.end(); sum != sha256.Sum256(text[:size]) || n != int64(size) {
					t.Errorf("%d bytes in parts of %d: another digest, of %d bytes", size, chunk, n)
				}
			}
		}
	}
}
