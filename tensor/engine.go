package tensor

import (
	"github.com/undertone-audit/undertone/tensor/arithmetic"
	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// Engine returns the name of the implementation that computes matrix products on this machine, such
// as "avx512", with that of the arithmetic of Go code if it is not the usual one, such as
// "generic-arm64" or "generic-nofma": see [arithmetic.Engine]. One engine gives the same bits for
// the same inputs; two engines agree within rounding.
func Engine() string { return arithmetic.Engine(kernel.Active().String()) }
