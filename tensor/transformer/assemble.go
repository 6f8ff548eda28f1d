package transformer

import (
	"fmt"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// parts is the source of the layers of a model: random numbers, a file, or another model.
type parts interface {
	table(name string, rows, dim int) table
	linear(name string, in, out int, bias bool) nn.Layer
	norm(name string, dim int) nn.Layer
}

// assemble builds the model of c, which is valid and has its defaults. It requests every part once.
func assemble(c Config, rotary *tensor.Rotary, p parts) *Model {
	m := &Model{config: c, rotary: rotary}
	a := assembly{m, p, ""}
	m.tokens = a.table("model.embed_tokens", c.Vocabulary, c.Dim)
	if c.Architecture == GPT2 {
		m.positions, _ = a.table("model.embed_positions", c.Context, c.Dim).(*nn.Embedding)
	}
	for i := range c.Layers {
		a.prefix = fmt.Sprintf("model.layers.%d.", i)
		m.blocks = append(m.blocks, block{
			a.norm("input_layernorm", c.Dim), a.attention(),
			a.norm("post_attention_layernorm", c.Dim), a.mlp(),
		})
	}
	a.prefix = ""
	m.norm = a.norm("model.norm", c.Dim)
	if !c.Tied {
		m.head = a.linear("lm_head", c.Dim, c.Vocabulary, false)
	}
	return m
}

// assembly is an unfinished model. It records the names of its parts.
type assembly struct {
	model  *Model
	parts  parts
	prefix string
}

func (a *assembly) note(name string, part nn.Module) {
	a.model.named = append(a.model.named, named{a.prefix + name, part})
}

func (a *assembly) table(name string, rows, dim int) table {
	t := a.parts.table(a.prefix+name, rows, dim)
	a.note(name, t)
	return t
}

func (a *assembly) linear(name string, in, out int, bias bool) nn.Layer {
	l := a.parts.linear(a.prefix+name, in, out, bias)
	a.note(name, l)
	return l
}

func (a *assembly) norm(name string, dim int) nn.Layer {
	l := a.parts.norm(a.prefix+name, dim)
	a.note(name, l)
	return l
}

func (a *assembly) attention() *nn.Attention {
	c := a.model.config
	gpt2, q, kv := c.Architecture == GPT2, c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	at := &nn.Attention{
		Query:  a.linear("self_attn.q_proj", c.Dim, q, c.QKVBias || gpt2),
		Key:    a.linear("self_attn.k_proj", c.Dim, kv, c.QKVBias || gpt2),
		Value:  a.linear("self_attn.v_proj", c.Dim, kv, c.QKVBias || gpt2),
		Output: a.linear("self_attn.o_proj", q, c.Dim, c.OutputBias || gpt2),
		Heads:  c.Heads, KVHeads: c.KVHeads, Rotary: a.model.rotary,
	}
	if c.QKNorm {
		at.QueryNorm = a.norm("self_attn.q_norm", c.HeadDim)
		at.KeyNorm = a.norm("self_attn.k_norm", c.HeadDim)
	}
	return at
}

func (a *assembly) mlp() nn.Layer {
	c := a.model.config
	if c.Architecture == GPT2 {
		return &nn.MLP{
			Up:   a.linear("mlp.up_proj", c.Dim, c.Hidden, true),
			Down: a.linear("mlp.down_proj", c.Hidden, c.Dim, true),
		}
	}
	return &nn.SwiGLU{
		Gate: a.linear("mlp.gate_proj", c.Dim, c.Hidden, c.MLPBias),
		Up:   a.linear("mlp.up_proj", c.Dim, c.Hidden, c.MLPBias),
		Down: a.linear("mlp.down_proj", c.Hidden, c.Dim, c.MLPBias),
	}
}

// counter is a source of parts that are counted and not made.
type counter struct {
	weights int64
	biases  bool // of norms
}

func (n *counter) table(_ string, rows, dim int) table {
	n.weights += int64(rows) * int64(dim)
	return nil
}

func (n *counter) linear(_ string, in, out int, bias bool) nn.Layer {
	n.weights += int64(in) * int64(out)
	if bias {
		n.weights += int64(out)
	}
	return nil
}

func (n *counter) norm(_ string, dim int) nn.Layer {
	n.weights += int64(dim)
	if n.biases {
		n.weights += int64(dim)
	}
	return nil
}

// change is the parts of a model, each as a function returns it.
type change struct {
	part func(name string, part nn.Module) nn.Module
	from []named
}

// transform returns a model of changed parts.
func (m *Model) transform(part func(name string, part nn.Module) nn.Module) *Model {
	return assemble(m.config, m.rotary, &change{part, m.named})
}

// next returns the next part: models are always assembled in the same order.
func (c *change) next(name string) nn.Module {
	part := c.from[0].part
	c.from = c.from[1:]
	return c.part(name, part)
}

func (c *change) table(name string, _, _ int) table             { return c.next(name).(table) }
func (c *change) linear(name string, _, _ int, _ bool) nn.Layer { return c.next(name).(nn.Layer) }
func (c *change) norm(name string, _ int) nn.Layer              { return c.next(name).(nn.Layer) }
