// Package kernel holds the loops that take most of the time of training: matrix products, and loops
// over slices such as exp, softmax, norms and Adam.
//
// Every loop is written in pure Go, in functions whose names end in Generic. They run on most
// machines and with -tags purego, and the tests compare the other implementations with them. On
// amd64 there is assembly for AVX2 with FMA and for AVX-512, chosen when the program starts; see
// [Active]. The program in _asm writes it from one description for both. Both do the same roundings
// in the same order, so a report made on a machine with AVX-512 can be repeated, bit for bit, on a
// machine with AVX2. Pure Go agrees within rounding.
//
// Nothing here depends on GOMAXPROCS. No function keeps or allocates memory that grows with its
// input, except for the pooled buffers into which [Gemm] copies blocks of its operands. Slices
// whose lengths should be equal and differ are a mistake of the programmer and panic. Any number of
// goroutines may call the functions at once with different outputs.
package kernel
