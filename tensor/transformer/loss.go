package transformer

import "github.com/undertone-audit/undertone/tensor"

// Loss returns the mean cross-entropy of the targets that are not [tensor.Ignore], in
// nats, as a scalar. ids and targets are [batch tokens]; see [Model.Hidden].
func (m *Model) Loss(t *tensor.Tape, ids, targets []int32, batch int) *tensor.Tensor {
	return t.CrossEntropy(m.Logits(t, m.Hidden(t, ids, batch)), targets)
}
