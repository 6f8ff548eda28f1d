package lineage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// layer names the tensors of one feed-forward layer.
type layer struct {
	in, out, gain string // gain is "" if no norm comes before the layer
	up            string // the other input of a gated layer; "" if there is none, or if fused
	fused         bool   // in holds gate and up, one above the other
	conv          bool   // in and out are stored [in out]
	neurons, dim  int
}

// feedForwardOf returns the feed-forward layer of a block.
func feedForwardOf(s safetensors.Source, block map[string]string) (l layer, ok bool) {
	l.in = cmp.Or(block["mlp.gate_proj.weight"], block["mlp.gate_up_proj.weight"], block["mlp.c_fc.weight"], block["mlp.up_proj.weight"])
	l.out = cmp.Or(block["mlp.down_proj.weight"], block["mlp.c_proj.weight"])
	l.fused = l.in != "" && l.in == block["mlp.gate_up_proj.weight"]
	l.conv = l.in != "" && l.in == block["mlp.c_fc.weight"]
	l.gain = cmp.Or(block["pre_feedforward_layernorm.weight"], block["ln_2.weight"])
	if _, after := block["post_feedforward_layernorm.weight"]; l.gain == "" && !after {
		l.gain = block["post_attention_layernorm.weight"]
	}
	in, out := shape(s, l.in), shape(s, l.out)
	if len(in) != 2 || len(out) != 2 {
		return l, false
	}
	if l.conv {
		slices.Reverse(in)
		slices.Reverse(out)
	}
	if l.fused {
		in[0] /= 2
	}
	l.neurons, l.dim = in[0], in[1]
	if l.in == block["mlp.gate_proj.weight"] {
		l.up = block["mlp.up_proj.weight"]
	}
	if up := shape(s, l.up); l.up != "" && !slices.Equal(up, in) {
		return l, false
	}
	if g := shape(s, l.gain); l.gain != "" && (len(g) != 1 || g[0] != l.dim) {
		return l, false
	}
	return l, out[0] == l.dim && out[1] == l.neurons && l.neurons > 1 && l.dim > 1
}

// shape returns the shape of a tensor whose elements can be read as float32; nil for others.
func shape(s safetensors.Source, name string) []int {
	info, ok := s.Info(name)
	if !ok || info.DType != safetensors.F32 && info.DType != safetensors.F16 && info.DType != safetensors.BF16 {
		return nil
	}
	return info.Shape
}

// read returns the neurons of a layer. The gain of the norm is part of what a neuron reads.
func (l layer) read(w *Weights) (n neurons, err error) {
	in, err := w.floats(l.in)
	if err != nil {
		return n, err
	}
	out, err := w.floats(l.out)
	if err != nil {
		return n, err
	}
	if l.conv {
		n.in, n.out = matrix{l.dim, l.neurons, in}.transpose(), matrix{l.neurons, l.dim, out}
	} else {
		n.in, n.out = matrix{l.neurons, l.dim, in[:l.neurons*l.dim]}, matrix{l.dim, l.neurons, out}.transpose()
	}
	if n.up, err = l.readUp(w, in); err != nil {
		return n, err
	}
	if n.in, err = w.scaled(n.in, l.gain); err != nil {
		return n, err
	}
	if l.conv { // LayerNorm: what is equal in all dimensions is not read
		n.in, n.out = n.in.withoutRowMeans(), n.out.withoutRowMeans()
	}
	return n, nil
}

// readUp returns what the other input of a gated layer reads; in is the tensor of the first.
func (l layer) readUp(w *Weights, in []float32) (matrix, error) {
	up := matrix{cols: l.dim}
	switch {
	case l.fused:
		up = matrix{l.neurons, l.dim, in[l.neurons*l.dim : 2*l.neurons*l.dim]}
	case l.up != "":
		x, err := w.floats(l.up)
		if err != nil {
			return up, err
		}
		up = matrix{l.neurons, l.dim, x}
	}
	return w.scaled(up, l.gain)
}

// embedding returns the name and the shape of the table of the tokens. Tied models may store it as
// the output layer alone.
func embedding(s safetensors.Source) (name string, rows, dim int, ok bool) {
	for _, suffix := range []string{"embed_tokens.weight", "wte.weight", "lm_head.weight"} {
		for _, name := range s.Names() {
			if sh := shape(s, name); len(sh) == 2 && strings.HasSuffix(name, suffix) && !strings.Contains(name, "vision") {
				return name, sh[0], sh[1], true
			}
		}
	}
	return "", 0, 0, false
}
