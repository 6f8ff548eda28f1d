package nn

import "github.com/undertone-audit/undertone/tensor"

// HalfLinear is [Linear] with 16-bit weights, which training does not change.
type HalfLinear struct {
	Weight *tensor.Half   // [out in]
	Bias   *tensor.Tensor // [out], or nil for none
}

// Params implements [Module].
func (l *HalfLinear) Params() []*tensor.Tensor { return present(l.Bias) }

// Forward implements [Layer].
func (l *HalfLinear) Forward(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor {
	return t.LinearHalf(x, l.Weight, l.Bias)
}

// Size implements [Projection].
func (l *HalfLinear) Size() (in, out int) {
	out, in = l.Weight.Shape()
	return in, out
}

// ToFloat32 implements [Projection].
func (l *HalfLinear) ToFloat32() *Linear {
	var t *tensor.Tape
	return &Linear{t.SwapAxes(l.Weight.Float32(), 0, 1), l.Bias}
}

// HalfEmbedding is [Embedding] with a 16-bit table, which training does not change.
type HalfEmbedding struct {
	Table *tensor.Half // [rows dim]
}

// Params implements [Module]: there are none.
func (e *HalfEmbedding) Params() []*tensor.Tensor { return nil }

// Forward returns the rows of the ids: [len(ids) dim]. The tape keeps ids until Reset.
func (e *HalfEmbedding) Forward(t *tensor.Tape, ids []int32) *tensor.Tensor {
	return t.EmbeddingHalf(e.Table, ids)
}

// Logits is [Embedding.Logits] with 16-bit weights.
func (e *HalfEmbedding) Logits(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor {
	return t.LinearHalf(x, e.Table, nil)
}
