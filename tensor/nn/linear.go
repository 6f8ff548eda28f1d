package nn

import (
	"math"
	"math/rand/v2"

	"github.com/undertone-audit/undertone/tensor"
)

// Linear is the layer x·Weight + Bias.
type Linear struct {
	Weight *tensor.Tensor // [in out]
	Bias   *tensor.Tensor // [out], or nil for none
}

// NewLinear returns a layer with a bias of zeros. Weights are normal with variance 1/in (LeCun et
// al. 1998), which keeps the variance of the rows.
func NewLinear(rng *rand.Rand, in, out int) *Linear {
	return &Linear{tensor.Normal(rng, 1/math.Sqrt(float64(in)), in, out), tensor.New(out)}
}

// NewProjection is [NewLinear] without a bias.
func NewProjection(rng *rand.Rand, in, out int) *Linear {
	return &Linear{Weight: tensor.Normal(rng, 1/math.Sqrt(float64(in)), in, out)}
}

// Params implements [Module].
func (l *Linear) Params() []*tensor.Tensor { return present(l.Weight, l.Bias) }

// Forward implements [Layer].
func (l *Linear) Forward(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor {
	return t.Linear(x, l.Weight, l.Bias)
}

// Size implements [Projection].
func (l *Linear) Size() (in, out int) { return l.Weight.Dim(0), l.Weight.Dim(1) }

// ToFloat32 implements [Projection]: it returns l.
func (l *Linear) ToFloat32() *Linear { return l }
