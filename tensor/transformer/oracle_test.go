package transformer_test

import (
	"math"
	"strconv"
)

// oracle is a decoder-only transformer in float64, written from the papers without the code of the
// package. Weights have the names and shapes of Hugging Face's Llama, [out in].
type oracle struct {
	weights           map[string][]float64
	dim, layers       int
	heads, kvHeads    int
	headDim, hidden   int
	vocabulary        int
	epsilon           float64
	gpt2, interleaved bool
	frequencies       []float64 // radians a token
	magnitude         float64   // of rotated queries and keys
}

// logits returns the logits after every token: [tokens][vocabulary].
func (o *oracle) logits(ids []int32) [][]float64 {
	states := make([][]float64, len(ids))
	for i, id := range ids {
		states[i] = append([]float64(nil), o.row("model.embed_tokens.weight", int(id))...)
		if o.gpt2 {
			add(states[i], o.row("model.embed_positions.weight", i))
		}
	}
	for l := range o.layers {
		p := "model.layers." + strconv.Itoa(l) + "."
		queries, keys, values := make([][]float64, len(ids)), make([][]float64, len(ids)), make([][]float64, len(ids))
		for i, x := range states {
			h := o.norm(p+"input_layernorm", x)
			queries[i] = o.turned(o.linear(p+"self_attn.q_proj", h), p+"self_attn.q_norm", i)
			keys[i] = o.turned(o.linear(p+"self_attn.k_proj", h), p+"self_attn.k_norm", i)
			values[i] = o.linear(p+"self_attn.v_proj", h)
		}
		for i, x := range states {
			add(x, o.linear(p+"self_attn.o_proj", o.attend(queries[i], keys[:i+1], values[:i+1])))
			add(x, o.feedForward(p+"mlp.", o.norm(p+"post_attention_layernorm", x)))
		}
	}
	all := make([][]float64, len(ids))
	for i, x := range states {
		head := "lm_head"
		if o.weights["lm_head.weight"] == nil {
			head = "model.embed_tokens"
		}
		all[i] = o.linear(head, o.norm("model.norm", x))
	}
	return all
}

func (o *oracle) row(name string, i int) []float64 {
	return o.weights[name][i*o.dim : (i+1)*o.dim]
}

func (o *oracle) linear(name string, x []float64) []float64 {
	w, b := o.weights[name+".weight"], o.weights[name+".bias"]
	y := make([]float64, len(w)/len(x))
	for i := range y {
		for j, v := range x {
			y[i] += w[i*len(x)+j] * v
		}
		if b != nil {
			y[i] += b[i]
		}
	}
	return y
}

func (o *oracle) norm(name string, x []float64) []float64 {
	var mean, square float64
	if o.gpt2 {
		for _, v := range x {
			mean += v / float64(len(x))
		}
	}
	for _, v := range x {
		square += (v - mean) * (v - mean) / float64(len(x))
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = (v - mean) / math.Sqrt(square+o.epsilon) * o.weights[name+".weight"][i]
		if o.gpt2 {
			y[i] += o.weights[name+".bias"][i]
		}
	}
	return y
}

// turned returns heads, normed if there is such a norm, and rotated by a position.
func (o *oracle) turned(x []float64, norm string, position int) []float64 {
	var all []float64
	for ; len(x) > 0; x = x[o.headDim:] {
		head := x[:o.headDim]
		if o.weights[norm+".weight"] != nil {
			head = o.norm(norm, head)
		}
		y := append([]float64(nil), head...)
		for i, f := range o.frequencies {
			a, b := i, i+len(o.frequencies)
			if o.interleaved {
				a, b = 2*i, 2*i+1
			}
			sin, cos := math.Sincos(f * float64(position))
			y[a] = o.magnitude * (head[a]*cos - head[b]*sin)
			y[b] = o.magnitude * (head[b]*cos + head[a]*sin)
		}
		all = append(all, y...)
	}
	return all
}

func (o *oracle) attend(query []float64, keys, values [][]float64) []float64 {
	var all []float64
	for h := range o.heads {
		at, kv := h*o.headDim, h/(o.heads/o.kvHeads)*o.headDim
		weights, sum := make([]float64, len(keys)), 0.
		for j, key := range keys {
			var dot float64
			for d := range o.headDim {
				dot += query[at+d] * key[kv+d]
			}
			weights[j] = math.Exp(dot / math.Sqrt(float64(o.headDim)))
			sum += weights[j]
		}
		y := make([]float64, o.headDim)
		for j, value := range values {
			for d := range y {
				y[d] += weights[j] / sum * value[kv+d]
			}
		}
		all = append(all, y...)
	}
	return all
}

func (o *oracle) feedForward(p string, x []float64) []float64 {
	up := o.linear(p+"up_proj", x)
	if o.gpt2 {
		for i, v := range up {
			up[i] = 0.5 * v * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
		}
	} else {
		for i, g := range o.linear(p+"gate_proj", x) {
			up[i] *= g / (1 + math.Exp(-g))
		}
	}
	return o.linear(p+"down_proj", up)
}

func add(x, y []float64) {
	for i, v := range y {
		x[i] += v
	}
}

// rotary returns base^(−2i/dim).
func rotary(dim int, base float64) []float64 {
	f := make([]float64, dim/2)
	for i := range f {
		f[i] = math.Pow(base, -2*float64(i)/float64(dim))
	}
	return f
}
