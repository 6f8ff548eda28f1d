package transformer

import (
	"fmt"

	"github.com/undertone-audit/undertone/tensor/nn"
)

// parts is the source of the layers of a model: random numbers, a file, or another model.
type parts interface {
	table(name string, rows, dim int) table
	linear(name string, in, out int, bias bool) nn.Layer
	norm(name string, dim int) nn.Layer
}

// assemble builds the model of c, which is valid and has its defaults. It requests every part once.
func assemble(c Config, r rotary, p parts) *Model {
	m := &Model{config: c, rotary: r}
	a := assembly{m, p, ""}
	m.tokens = a.table("model.embed_tokens", c.Vocabulary, c.Dim)
	if c.Architecture == GPT2 {
		m.positions, _ = a.table("model.embed_positions", c.Context, c.Dim).(*nn.Embedding)
	}
	for i := range c.Layers {
		a.prefix = fmt.Sprintf("model.layers.%d.", i)
		m.blocks = append(m.blocks, a.block(i))
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

// block requests the parts of block i in the order of the computation. The name
// post_attention_layernorm is that of the norm before the feed-forward part in Llama, and that of
// the norm after attention in families with norms after.
func (a *assembly) block(i int) (b block) {
	c := a.model.config
	if c.Norms != NormAfter {
		b.attentionNorm = a.norm("input_layernorm", c.Dim)
	}
	b.attention = a.attention(i)
	if c.Norms != NormBefore {
		b.attentionAfter = a.norm("post_attention_layernorm", c.Dim)
	}
	switch c.Norms {
	case NormBefore:
		b.mlpNorm = a.norm("post_attention_layernorm", c.Dim)
	case NormAround:
		b.mlpNorm = a.norm("pre_feedforward_layernorm", c.Dim)
	}
	b.mlp = a.mlp()
	if c.Norms != NormBefore {
		b.mlpAfter = a.norm("post_feedforward_layernorm", c.Dim)
	}
	return b
}

func (a *assembly) attention(block int) *nn.Attention {
	c := a.model.config
	gpt2, q, kv := c.Architecture == GPT2, c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	at := &nn.Attention{
		Heads: c.Heads, KVHeads: c.KVHeads, Rotary: a.model.rotary.of(c, block), Options: c.attention(block), NormAll: c.QKNormAll,
	}
	if c.Fused {
		at.QueryKeyValue = a.linear("self_attn.qkv_proj", c.Dim, q+2*kv, false)
	} else {
		at.Query = a.linear("self_attn.q_proj", c.Dim, q, c.QKVBias || gpt2)
		at.Key = a.linear("self_attn.k_proj", c.Dim, kv, c.QKVBias || gpt2)
		at.Value = a.linear("self_attn.v_proj", c.Dim, kv, c.QKVBias || gpt2)
	}
	at.Output = a.linear("self_attn.o_proj", q, c.Dim, c.OutputBias || gpt2)
	if c.QKNorm {
		of := [2]int{c.HeadDim, c.HeadDim}
		if c.QKNormAll {
			of = [2]int{q, kv}
		}
		at.QueryNorm = a.norm("self_attn.q_norm", of[0])
		at.KeyNorm = a.norm("self_attn.k_norm", of[1])
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
	glu := &nn.GLU{GELU: c.GELU}
	if c.Fused {
		glu.GateUp = a.linear("mlp.gate_up_proj", c.Dim, 2*c.Hidden, false)
	} else {
		glu.Gate = a.linear("mlp.gate_proj", c.Dim, c.Hidden, c.MLPBias)
		glu.Up = a.linear("mlp.up_proj", c.Dim, c.Hidden, c.MLPBias)
	}
	glu.Down = a.linear("mlp.down_proj", c.Hidden, c.Dim, c.MLPBias)
	return glu
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
