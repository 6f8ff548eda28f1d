package nn

import (
	"math"
	"math/rand/v2"

	"github.com/undertone-audit/undertone/tensor"
)

// Projection is a layer of weights and an optional bias: [Linear] or [HalfLinear].
type Projection interface {
	Layer
	Size() (in, out int) // of a row of x and of the result
	ToFloat32() *Linear  // the same layer in float32, which may share memory with it
}

// LoRA is a linear layer with a low-rank change to its weights (Hu et al. 2021): x·(W + Scale·A·B)
// + b, where W and b are those of Base. Its parameters are A and B only.
type LoRA struct {
	Base  Projection     // with the weights W and the bias b
	A     *tensor.Tensor // [in rank]
	B     *tensor.Tensor // [rank out]
	Scale float32        // α/rank
}

// NewLoRA returns a layer that computes what base computes, because B is zero. A is normal with
// variance 1/in. The layer shares base.
func NewLoRA(rng *rand.Rand, base Projection, rank int, alpha float64) *LoRA {
	in, out := base.Size()
	return &LoRA{
		Base: base,
		A:    tensor.Normal(rng, 1/math.Sqrt(float64(in)), in, rank), B: tensor.New(rank, out),
		Scale: float32(alpha / float64(rank)),
	}
}

// Params implements [Module]: A and B.
func (l *LoRA) Params() []*tensor.Tensor { return present(l.A, l.B) }

// Forward implements [Layer].
func (l *LoRA) Forward(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor {
	low := t.Scale(t.Linear(x, l.A, nil), l.Scale) // [... rank]
	return t.Add(l.Base.Forward(t, x), t.Linear(low, l.B, nil))
}

// Merge returns one layer that computes what l computes, within rounding. It shares the bias of
// Base, and does not change Base.
func (l *LoRA) Merge() *Linear {
	var t *tensor.Tape
	from := l.Base.ToFloat32()
	return &Linear{t.Add(from.Weight, t.Scale(t.MatMul(l.A, l.B), l.Scale)), from.Bias}
}
