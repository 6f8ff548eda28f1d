package main

import (
	"bytes"
	"crypto/sha256"
	"strings"
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

// The digest of an output is that of the bytes that were written, whatever the sizes of the writes.
func TestHashedWrites(t *testing.T) {
	h, file := newHashedWrites(), new(bytes.Buffer)
	for _, part := range []string{"", "a", strings.Repeat("b", 1<<20), "c"} {
		if n, err := h.write([]byte(part), file); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	for range 2 {
		if sum, n := h.end(); sum != sha256.Sum256(file.Bytes()) || n != int64(file.Len()) {
			t.Errorf("another digest, of %d bytes", n)
		}
	}
}
