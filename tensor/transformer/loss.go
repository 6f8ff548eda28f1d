package transformer

import (
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// Loss returns the mean cross-entropy of the targets that are not [tensor.Ignore], in nats, as a
// scalar. ids and targets are [batch tokens]; see [Model.Hidden]. It computes the logits of a few
// rows at a time: no memory grows with tokens·vocabulary.
func (m *Model) Loss(t *tensor.Tape, ids, targets []int32, batch int) *tensor.Tensor {
	return t.LinearCrossEntropy(m.Hidden(t, ids, batch), m.output(), targets)
}

// LogProbs returns the log-probabilities of the targets, in nats, and 0 for [tensor.Ignore]: the
// terms of [Model.Loss], without gradients.
func (m *Model) LogProbs(t *tensor.Tape, ids, targets []int32, batch int) []float32 {
	return t.LinearLogProbs(m.Hidden(t, ids, batch), m.output(), targets)
}

// EachLogits calls visit for every target that is not [tensor.Ignore], in order: with its index,
// the logits of its position, which are valid during the call, and log Σexp(logits). The bits are
// those of [Model.LogProbs].
func (m *Model) EachLogits(t *tensor.Tape, ids, targets []int32, batch int, visit func(at int, logits []float32, norm float32)) {
	t.EachLogits(m.Hidden(t, ids, batch), m.output(), targets, visit)
}

// output returns the layer before the softmax.
func (m *Model) output() tensor.OutputLayer {
	o := tensor.OutputLayer{Softcap: float32(m.config.LogitSoftcap)}
	switch head := m.head.(type) {
	case *nn.Linear:
		o.Weight = head.Weight
		return o
	case *nn.HalfLinear:
		o.Half = head.Weight
		return o
	}
	if table, ok := m.tokens.(*nn.HalfEmbedding); ok {
		o.Half = table.Table
	} else {
		o.Weight, o.Tied = m.tokens.(*nn.Embedding).Table, true
	}
	return o
}
