//go:build !purego

package kernel

// laneMasks is the AVX2 mask of the first n of 16 lanes when read from element 16-n.
//
//lint:ignore U1000 The assembly reads it.
var laneMasks = [32]int32{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}
