package transformer

import (
	"strings"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// conv1D reads a linear layer of GPT-2, which stores weights as [in out], and those of queries,
// keys and values side by side.
func (p *hfParts) conv1D(name string, in, out int) nn.Layer {
	part, parts := 0, 1
	if prefix, kind, ok := strings.Cut(name, ".self_attn."); ok && kind != "o_proj" {
		part, parts = strings.Index("qkv", kind[:1]), 3
		name = p.stored(prefix) + ".attn.c_attn"
	} else {
		name = p.stored(name)
	}
	all, from := parts*out, part*out
	b := p.floats(name+".bias", all)
	kind, ok := p.find(name+".weight", in, all)
	if !ok {
		return nil
	}
	var t *tensor.Tape
	if kind == safetensors.F32 {
		w := p.floats(name+".weight", in, all)
		if p.err != nil {
			return nil
		}
		return &nn.Linear{Weight: t.Columns(w, from, from+out), Bias: t.Columns(b, from, from+out)}
	}
	bits, format := p.halves(name+".weight", kind)
	if p.err != nil {
		return nil
	}
	rows := make([]uint16, 0, in*out) // [out in]
	for o := range out {
		for i := range in {
			rows = append(rows, bits[i*all+from+o])
		}
	}
	return &nn.HalfLinear{Weight: tensor.NewHalf(rows, out, in, format), Bias: t.Columns(b, from, from+out)}
}
