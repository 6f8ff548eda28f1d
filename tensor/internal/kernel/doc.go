// Package kernel holds the loops that dominate training: matrix products, and
// loops over slices such as exp, softmax, norms and Adam.
//
// Every loop is written in pure Go, in functions whose names end in Generic;
// that is what runs on most machines and with -tags purego, and what the tests
// hold the others to. On amd64 there is assembly for AVX2 with FMA and for
// AVX-512, chosen when the program starts; see [Active]. It is written by the
// program in _asm from one description for both, which do the same roundings in
// the same order: so a report made on a machine with AVX-512 can be repeated, bit
// for bit, on one with AVX2. Pure Go agrees within rounding.
//
// Nothing here depends on GOMAXPROCS, and no function keeps or allocates memory
// that grows with its input, but for the buffers into which [Gemm] copies blocks
// of its operands, which are pooled. Slices of different lengths where they should be
// equal are the programmer's mistake and panic. Any number of goroutines may
// call the functions at once on different outputs.
package kernel
