package transformer

import (
	"fmt"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// Hidden returns the hidden states before the output layer, [batch·tokens dim]. ids are batch
// sequences of one length, one after the other: [batch tokens]. Pad a shorter sequence at its end
// with any ids: no token sees the tokens after it.
//
// It panics with a [*tensor.ShapeError] if ids are not batch sequences of one length, if a sequence
// is longer than the context, or if an id is not in the vocabulary; see [Model.Check].
func (m *Model) Hidden(t *tensor.Tape, ids []int32, batch int) *tensor.Tensor {
	if batch < 1 || len(ids)%batch != 0 {
		misuse("Hidden", "%d ids do not make %d sequences of one length", len(ids), batch)
	}
	if tokens := len(ids) / batch; tokens > m.config.Context {
		misuse("Hidden", "a sequence of %d tokens is longer than the context of %d", tokens, m.config.Context)
	}
	x := m.forward(t, ids, batch, nil, nil)
	return t.Reshape(x, len(ids), m.config.Dim)
}

// Logits returns the logits of the token after each hidden state, [rows vocabulary]. It needs
// memory for all of them: with a large vocabulary gather the needed rows first, or call
// [Model.Loss] or [Model.LogProbs].
func (m *Model) Logits(t *tensor.Tape, hidden *tensor.Tensor) *tensor.Tensor {
	var logits *tensor.Tensor
	if m.head != nil {
		logits = m.head.Forward(t, hidden)
	} else {
		logits = m.tokens.Logits(t, hidden)
	}
	if c := float32(m.config.LogitSoftcap); c != 0 {
		logits = t.Scale(t.Tanh(t.Scale(logits, 1/c)), c)
	}
	return logits
}

// Check returns an error that names the first id outside the vocabulary, or says that the sequence
// is longer than the context.
func (m *Model) Check(ids []int32) error {
	if len(ids) > m.config.Context {
		return fmt.Errorf("transformer: a sequence of %d tokens is longer than the context of %d", len(ids), m.config.Context)
	}
	for i, id := range ids {
		if id < 0 || int(id) >= m.config.Vocabulary {
			return fmt.Errorf("transformer: id %d of token %d is not in the vocabulary of %d", id, i, m.config.Vocabulary)
		}
	}
	return nil
}

// forward computes the hidden states before the output layer, [batch tokens dim]. With caches, one
// a block, ids are the new tokens, at the given positions, of sequences in the caches; without
// caches they are the beginning of sequences.
func (m *Model) forward(t *tensor.Tape, ids []int32, batch int, positions []int32, caches []cache) *tensor.Tensor {
	x := t.Reshape(m.tokens.Forward(t, ids), batch, len(ids)/batch, m.config.Dim) // [batch tokens dim]
	if m.positions != nil {
		x = m.addPositions(t, x, positions)
	}
	x = scaled(t, x, m.config.EmbeddingScale)
	for i, b := range m.blocks {
		var sees nn.Mixer = nn.Causal{}
		if caches != nil {
			sees = &caches[i]
		}
		y := normed(t, b.attentionAfter, b.attention.Attend(t, normed(t, b.attentionNorm, x), positions, sees))
		x = t.Add(x, scaled(t, y, m.config.ResidualScale))
		y = normed(t, b.mlpAfter, b.mlp.Forward(t, normed(t, b.mlpNorm, x)))
		x = t.Add(x, scaled(t, y, m.config.ResidualScale))
	}
	x = m.norm.Forward(t, x)
	if d := m.config.LogitDivisor; d != 0 {
		x = scaled(t, x, 1/d)
	}
	return x
}

// normed returns the result of a norm, or x if there is none.
func normed(t *tensor.Tape, norm nn.Layer, x *tensor.Tensor) *tensor.Tensor {
	if norm == nil {
		return x
	}
	return norm.Forward(t, x)
}

// scaled returns c·x, or x if c is 0.
func scaled(t *tensor.Tape, x *tensor.Tensor, c float64) *tensor.Tensor {
	if c == 0 {
		return x
	}
	return t.Scale(x, float32(c))
}

// addPositions adds the learned position embeddings of GPT2.
func (m *Model) addPositions(t *tensor.Tape, x *tensor.Tensor, positions []int32) *tensor.Tensor {
	if positions == nil {
		return t.AddBias(x, t.Rows(m.positions.Table, 0, x.Dim(1)))
	}
	return t.Add(x, t.Reshape(m.positions.Forward(t, positions), x.Shape()...))
}

func misuse(op, format string, args ...any) {
	panic(&tensor.ShapeError{Op: op, Reason: fmt.Sprintf(format, args...)})
}
