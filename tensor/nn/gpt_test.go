package nn_test

import (
	"math/rand/v2"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// gptConfig is the shape of a decoder-only transformer.
type gptConfig struct {
	vocabulary, context, layers, dim, heads int
}

// gpt is the language model of Radford et al. 2019 ([newGPT]), or of Touvron et
// al. 2023 ([newLlama]).
type gpt struct {
	tokens, positions *nn.Embedding // no positions if heads are rotated
	blocks            []decoder
	norm              nn.Layer
	head              nn.Layer
}

// decoder is one block of the transformer.
type decoder struct{ norm1, attention, norm2, mlp nn.Layer }

func newGPT(rng *rand.Rand, c gptConfig) *gpt {
	m := &gpt{
		tokens:    nn.NewEmbedding(rng, 0.02, c.vocabulary, c.dim),
		positions: nn.NewEmbedding(rng, 0.02, c.context, c.dim),
		norm:      nn.NewLayerNorm(c.dim),
		head:      nn.NewProjection(rng, c.dim, c.vocabulary),
	}
	for range c.layers {
		m.blocks = append(m.blocks, decoder{
			nn.NewLayerNorm(c.dim), nn.NewAttention(rng, c.dim, c.heads, c.heads),
			nn.NewLayerNorm(c.dim), nn.NewMLP(rng, c.dim, 4*c.dim),
		})
	}
	return m
}

func newLlama(rng *rand.Rand, c gptConfig) *gpt {
	m := &gpt{
		tokens: nn.NewEmbedding(rng, 0.02, c.vocabulary, c.dim),
		norm:   nn.NewRMSNorm(c.dim),
		head:   nn.NewProjection(rng, c.dim, c.vocabulary),
	}
	rotary := tensor.NewRotary(c.context, tensor.RotaryFrequencies(c.dim/c.heads, 10000), tensor.HalfSplit)
	for range c.layers {
		attention := nn.NewAttention(rng, c.dim, c.heads, c.heads/2)
		attention.Rotary = rotary
		m.blocks = append(m.blocks, decoder{nn.NewRMSNorm(c.dim), attention, nn.NewRMSNorm(c.dim), nn.NewGLU(rng, c.dim, 3*c.dim)})
	}
	return m
}

func (m *gpt) params() []*tensor.Tensor {
	params := nn.Params(m.tokens, m.norm, m.head)
	if m.positions != nil {
		params = append(params, m.positions.Params()...)
	}
	for _, b := range m.blocks {
		params = append(params, nn.Params(b.norm1, b.attention, b.norm2, b.mlp)...)
	}
	return params
}

// logits returns the logits of the token after each of ids, for batch sequences one after the
// other: [batch tokens vocabulary].
func (m *gpt) logits(t *tensor.Tape, ids []int32, batch int) *tensor.Tensor {
	tokens := len(ids) / batch
	x := m.tokens.Forward(t, ids)              // [batch·tokens dim]
	x = t.Reshape(x, batch, tokens, x.Dim(-1)) // [batch tokens dim]
	if m.positions != nil {
		x = t.AddBias(x, t.Rows(m.positions.Table, 0, tokens))
	}
	for _, b := range m.blocks {
		x = t.Add(x, b.attention.Forward(t, b.norm1.Forward(t, x)))
		x = t.Add(x, b.mlp.Forward(t, b.norm2.Forward(t, x)))
	}
	return m.head.Forward(t, m.norm.Forward(t, x))
}
