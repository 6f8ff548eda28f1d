package transformer

import (
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// SplitPairs returns the model with its rotary pairs split in halves ([HalfSplit]), as in
// [Model.Tensors] and in files, or m itself if they are split already. It computes the same within
// rounding, and shares what does not change. Two models with the same tensors train to the same
// bits only if both are split.
func (m *Model) SplitPairs() *Model {
	if m.config.RopePairing != Interleaved {
		return m
	}
	c := m.config
	c.RopePairing = HalfSplit
	return assemble(c, c.angles(), &change{func(name string, part nn.Module) nn.Module {
		if heads := m.interleaved(name); heads > 0 {
			return splitPart(part, heads)
		}
		return part
	}, m.named})
}

// splitPart splits the pairs in the outputs of a part.
func splitPart(part nn.Module, heads int) nn.Module {
	switch p := part.(type) {
	case *nn.Linear:
		return &nn.Linear{Weight: splitColumns(p.Weight, heads), Bias: splitColumns(p.Bias, heads)}
	case *nn.HalfLinear:
		out, in := p.Weight.Shape()
		rows := splitRows(p.Weight.Bits(), out, heads)
		return &nn.HalfLinear{Weight: tensor.NewHalf(rows, out, in, p.Weight.Format()), Bias: splitColumns(p.Bias, heads)}
	case *nn.LoRA:
		return &nn.LoRA{Base: splitPart(p.Base, heads).(nn.Projection), A: p.A, B: splitColumns(p.B, heads), Scale: p.Scale}
	case *nn.RMSNorm:
		return &nn.RMSNorm{Gain: splitColumns(p.Gain, heads), Epsilon: p.Epsilon, Offset: p.Offset}
	}
	return part
}

// splitColumns is splitRows for the last dimension.
func splitColumns(x *tensor.Tensor, heads int) *tensor.Tensor {
	if x == nil {
		return nil
	}
	cols := x.Dim(-1)
	rows := x.Len() / cols
	return tensor.FromSlice(flipped(splitRows(flipped(x.Data(), rows, cols), cols, heads), cols, rows), x.Shape()...)
}

// interleaved returns the number of heads in the rows of a part with interleaved rotary pairs; 0
// for other parts.
func (m *Model) interleaved(name string) int {
	if m.config.RopePairing != Interleaved {
		return 0
	}
	switch lastName(name) {
	case "q_proj":
		return m.config.Heads
	case "k_proj":
		return m.config.KVHeads
	case "q_norm", "k_norm":
		switch {
		case !m.config.QKNormAll:
			return 1
		case lastName(name) == "q_norm":
			return m.config.Heads
		}
		return m.config.KVHeads
	}
	return 0
}

// split moves the first rows of all pairs of a head before the second rows.
func split(t safetensors.Tensor, heads int) safetensors.Tensor {
	if heads > 0 {
		t.Float32s, t.Halves = splitRows(t.Float32s, t.Shape[0], heads), splitRows(t.Halves, t.Shape[0], heads)
	}
	return t
}

func splitRows[T any](x []T, rows, heads int) []T {
	if x == nil {
		return nil
	}
	y := make([]T, 0, len(x))
	wide, head := len(x)/rows, rows/heads
	for h := range heads {
		for first := range 2 {
			for r := first; r < head; r += 2 {
				at := (h*head + r) * wide
				y = append(y, x[at:at+wide]...)
			}
		}
	}
	return y
}

// joinRows is the inverse of splitRows.
func joinRows(x []float32, rows, heads int) []float32 {
	if heads == 0 {
		return x
	}
	y := make([]float32, len(x))
	wide, head := len(x)/rows, rows/heads
	for h := range heads {
		for r := range head {
			to := h*head + r%(head/2)*2 + r/(head/2)
			copy(y[to*wide:(to+1)*wide], x[(h*head+r)*wide:])
		}
	}
	return y
}
