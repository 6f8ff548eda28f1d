package tensor

import "github.com/undertone-audit/undertone/tensor/internal/kernel"

// Engine returns the name of the implementation that computes matrix products on this machine, such
// as "avx512". One engine gives the same bits for the same inputs; two engines agree within
// rounding.
func Engine() string { return kernel.Active().String() }
