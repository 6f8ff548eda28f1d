//go:build !purego

package kernel

// laneMasks is the AVX2 mask of the first n lanes when read from element 8-n.
// The assembly reads it.
var laneMasks = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}
