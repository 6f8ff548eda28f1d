package kernel

import (
	"sync"
	"unsafe"
)

// workspace holds packed copies of blocks of A and B.
type workspace struct{ a, b []float32 }

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// buffers returns two buffers of at least the given lengths, aligned to a cache line, with
// unspecified content.
func (w *workspace) buffers(a, b int) (bufA, bufB []float32) {
	w.a, w.b = grow(w.a, a), grow(w.b, b)
	return aligned(w.a, a), aligned(w.b, b)
}

const (
	floatSize  = 4              // bytes
	lineFloats = 64 / floatSize // in a cache line
)

func grow(buf []float32, n int) []float32 {
	if len(buf) < n+lineFloats {
		return make([]float32, n+lineFloats)
	}
	return buf
}

func aligned(buf []float32, n int) []float32 {
	past := int(uintptr(unsafe.Pointer(&buf[0]))/floatSize) % lineFloats
	return buf[(lineFloats-past)%lineFloats:][:n]
}
