package transformer

import "github.com/undertone-audit/undertone/tensor"

type cache struct{}

func (c *cache) Mix(t *tensor.Tape, q, k, v *tensor.Tensor) *tensor.Tensor { return nil }
