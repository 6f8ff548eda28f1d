package nn

import "github.com/undertone-audit/undertone/tensor"

// LayerNorm is [tensor.Tape.LayerNorm] with its parameters.
type LayerNorm struct {
	Gain, Bias *tensor.Tensor // [dim]
	Epsilon    float32        // added to the variance
}

// NewLayerNorm returns a layer with gain 1, bias 0 and ε = 1e-5.
func NewLayerNorm(dim int) *LayerNorm { return &LayerNorm{ones(dim), tensor.New(dim), 1e-5} }

// Params implements [Module].
func (l *LayerNorm) Params() []*tensor.Tensor { return present(l.Gain, l.Bias) }

// Forward implements [Layer].
func (l *LayerNorm) Forward(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor {
	return t.LayerNorm(x, l.Gain, l.Bias, l.Epsilon)
}

// RMSNorm is [tensor.Tape.RMSNorm] with its parameter.
type RMSNorm struct {
	Gain    *tensor.Tensor // [dim]
	Epsilon float32        // added to the mean square
	Offset  float32        // added to Gain: 1 in Gemma
}

// NewRMSNorm returns a layer with gain 1 and ε = 1e-5.
func NewRMSNorm(dim int) *RMSNorm { return &RMSNorm{Gain: ones(dim), Epsilon: 1e-5} }

// Params implements [Module].
func (l *RMSNorm) Params() []*tensor.Tensor { return present(l.Gain) }

// Forward implements [Layer].
func (l *RMSNorm) Forward(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor {
	gain := l.Gain
	if l.Offset != 0 {
		gain = t.AddConstant(gain, l.Offset)
	}
	return t.RMSNorm(x, gain, l.Epsilon)
}

func ones(n int) *tensor.Tensor {
	x := tensor.New(n)
	for i := range x.Data() {
		x.Data()[i] = 1
	}
	return x
}
