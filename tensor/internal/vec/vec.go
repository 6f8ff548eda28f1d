// Package vec holds the elementwise functions without assembly: pure Go around the vectorised
// exponential of package kernel.
package vec

// block is the number of elements whose intermediate results stay on the stack.
const block = 256
