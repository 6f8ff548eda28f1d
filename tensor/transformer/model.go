package transformer

import (
	"slices"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// Model is a decoder-only transformer. Any number of goroutines can compute with it at once while
// no goroutine writes to its parameters.
type Model struct {
	config    Config // with its defaults
	rotary    rotary
	tokens    table
	positions *nn.Embedding // of GPT2
	blocks    []block
	norm      nn.Layer
	head      nn.Layer // nil if it is the table of the tokens

	named []named // the same parts in order
}

// block is one of the blocks of a model. A norm that it does not have is nil.
type block struct {
	attentionNorm  nn.Layer // before attention
	attention      *nn.Attention
	attentionAfter nn.Layer // norm of the result of attention
	mlpNorm        nn.Layer // before the feed-forward part
	mlp            nn.Layer
	mlpAfter       nn.Layer // norm of the result of the feed-forward part
}

// table is an embedding in 32 or 16 bits.
type table interface {
	nn.Module
	Forward(t *tensor.Tape, ids []int32) *tensor.Tensor
	Logits(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor
}

// named is a part of a model. Names are those of Hugging Face's Llama for all architectures, such
// as "model.layers.0.self_attn.q_proj".
type named struct {
	name string
	part nn.Module
}

// Config returns the shape of the model, with its defaults.
func (m *Model) Config() Config { return m.config }

// Params returns the tensors that training changes, the embedding first, always in the same order:
// all float32 weights or, with LoRA, A and B only.
func (m *Model) Params() []*tensor.Tensor {
	var params []*tensor.Tensor
	lora := m.HasLoRA()
	for _, n := range m.named {
		if !lora || isLoRA(n.part) {
			params = append(params, n.part.Params()...)
		}
	}
	return params
}

// Clone returns a model with its own parameters. It shares the other weights: those of 16 bits and,
// with LoRA, those that LoRA changes.
func (m *Model) Clone() *Model {
	lora := m.HasLoRA()
	return m.transform(func(_ string, part nn.Module) nn.Module {
		if lora && !isLoRA(part) {
			return part
		}
		return clone(part)
	})
}

// ToFloat32 returns a model with its own float32 weights, which can all be trained.
func (m *Model) ToFloat32() *Model {
	return m.transform(func(_ string, part nn.Module) nn.Module {
		switch p := part.(type) {
		case *nn.HalfLinear:
			return clone(p.ToFloat32())
		case *nn.LoRA:
			return &nn.LoRA{Base: clone(p.Base.ToFloat32()).(*nn.Linear), A: p.A.Clone(), B: p.B.Clone(), Scale: p.Scale}
		case *nn.HalfEmbedding:
			return &nn.Embedding{Table: p.Table.Float32()}
		}
		return clone(part)
	})
}

// Frozen reports whether the model has 16-bit weights. Training then changes only its norms and
// biases, unless the model has LoRA or is converted with [Model.ToFloat32].
func (m *Model) Frozen() bool {
	return slices.ContainsFunc(m.named, func(n named) bool {
		switch bare(n.part).(type) {
		case *nn.HalfLinear, *nn.HalfEmbedding:
			return true
		}
		return false
	})
}

func clone(part nn.Module) nn.Module {
	copied := func(x *tensor.Tensor) *tensor.Tensor {
		if x == nil {
			return nil
		}
		return x.Clone()
	}
	switch p := part.(type) {
	case *nn.Linear:
		return &nn.Linear{Weight: copied(p.Weight), Bias: copied(p.Bias)}
	case *nn.HalfLinear:
		return &nn.HalfLinear{Weight: p.Weight, Bias: copied(p.Bias)}
	case *nn.LoRA:
		return &nn.LoRA{Base: p.Base, A: copied(p.A), B: copied(p.B), Scale: p.Scale}
	case *nn.RMSNorm:
		return &nn.RMSNorm{Gain: copied(p.Gain), Epsilon: p.Epsilon, Offset: p.Offset}
	case *nn.LayerNorm:
		return &nn.LayerNorm{Gain: copied(p.Gain), Bias: copied(p.Bias), Epsilon: p.Epsilon}
	case *nn.Embedding:
		return &nn.Embedding{Table: copied(p.Table)}
	}
	return part
}
