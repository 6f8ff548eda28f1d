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

	before, after    bool      // norms before and after attention and the feed-forward part; neither is before
	unit             bool      // norms multiply by 1 + gain
	allHeads         bool      // norms of queries and keys span all heads
	gelu             bool      // of the gated unit
	local            []float64 // frequencies of sliding layers; nil for those of all
	still            []bool    // layers without rotation
	sliding          []bool    // layers with a window; nil for all
	window           int       // 0 for none
	scale, softcap   float64   // of scores; 0 for the default and none
	embed, residual  float64   // factors; 0 for 1
	divisor, logitOf float64   // divisor and softcap of logits; 0 for none
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
	for _, x := range states {
		multiply(x, o.embed)
	}
	for l := range o.layers {
		p := "model.layers." + strconv.Itoa(l) + "."
		attentionNorm, attentionAfter, mlpNorm, mlpAfter := o.norms()
		window := o.window
		if o.sliding != nil && !o.sliding[l] {
			window = 0
		}
		queries, keys, values := make([][]float64, len(ids)), make([][]float64, len(ids)), make([][]float64, len(ids))
		for i, x := range states {
			h := o.maybe(p, attentionNorm, x)
			queries[i] = o.turned(o.linear(p+"self_attn.q_proj", h), p+"self_attn.q_norm", i, o.frequenciesOf(l))
			keys[i] = o.turned(o.linear(p+"self_attn.k_proj", h), p+"self_attn.k_norm", i, o.frequenciesOf(l))
			values[i] = o.linear(p+"self_attn.v_proj", h)
		}
		for i, x := range states {
			from := 0
			if window > 0 {
				from = max(0, i+1-window)
			}
			y := o.maybe(p, attentionAfter, o.linear(p+"self_attn.o_proj", o.attend(queries[i], keys[from:i+1], values[from:i+1])))
			multiply(y, o.residual)
			add(x, y)
			y = o.maybe(p, mlpAfter, o.feedForward(p+"mlp.", o.maybe(p, mlpNorm, x)))
			multiply(y, o.residual)
			add(x, y)
		}
	}
	all := make([][]float64, len(ids))
	for i, x := range states {
		head := "lm_head"
		if o.weights["lm_head.weight"] == nil {
			head = "model.embed_tokens"
		}
		all[i] = o.linear(head, o.norm("model.norm", x))
		for j, v := range all[i] {
			if o.divisor != 0 {
				v /= o.divisor
			}
			all[i][j] = capped(v, o.logitOf)
		}
	}
	return all
}

// norms returns the names of the norms before and after attention, and before and after the
// feed-forward part; "" for none.
func (o *oracle) norms() (a, b, c, d string) {
	const input, post, pre, last = "input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"
	switch {
	case o.before && o.after:
		return input, post, pre, last
	case o.after:
		return "", post, "", last
	}
	return input, "", post, ""
}

// maybe returns a norm of x, or x if the norm has no name.
func (o *oracle) maybe(p, name string, x []float64) []float64 {
	if name == "" {
		return x
	}
	return o.norm(p+name, x)
}

func (o *oracle) frequenciesOf(layer int) []float64 {
	switch {
	case o.still != nil && o.still[layer]:
		return nil
	case o.local != nil && (o.sliding == nil || o.sliding[layer]):
		return o.local
	}
	return o.frequencies
}

func capped(v, most float64) float64 {
	if most == 0 {
		return v
	}
	return most * math.Tanh(v/most)
}

func multiply(x []float64, c float64) {
	if c != 0 {
		for i := range x {
			x[i] *= c
		}
	}
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
		gain := o.weights[name+".weight"][i]
		if o.unit {
			gain++
		}
		y[i] = (v - mean) / math.Sqrt(square+o.epsilon) * gain
		if o.gpt2 {
			y[i] += o.weights[name+".bias"][i]
		}
	}
	return y
}

// turned returns heads, normed if there is such a norm, and rotated by a position.
func (o *oracle) turned(x []float64, norm string, position int, frequencies []float64) []float64 {
	var all []float64
	if o.allHeads {
		x = o.norm(norm, x)
	}
	for ; len(x) > 0; x = x[o.headDim:] {
		head := x[:o.headDim]
		if o.weights[norm+".weight"] != nil && !o.allHeads {
			head = o.norm(norm, head)
		}
		y := append([]float64(nil), head...)
		for i, f := range frequencies {
			a, b := i, i+len(frequencies)
			if o.interleaved {
				a, b = 2*i, 2*i+1
			}
			sin, cos := math.Sincos(f * float64(position))
			magnitude := o.magnitude
			if o.local != nil && &frequencies[0] == &o.local[0] {
				magnitude = 1
			}
			y[a] = magnitude * (head[a]*cos - head[b]*sin)
			y[b] = magnitude * (head[b]*cos + head[a]*sin)
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
			if o.scale != 0 {
				dot *= o.scale
			} else {
				dot /= math.Sqrt(float64(o.headDim))
			}
			weights[j] = math.Exp(capped(dot, o.softcap))
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
			up[i] = gelu(v)
		}
	} else {
		for i, g := range o.linear(p+"gate_proj", x) {
			if o.gelu {
				up[i] *= gelu(g)
			} else {
				up[i] *= g / (1 + math.Exp(-g))
			}
		}
	}
	return o.linear(p+"down_proj", up)
}

func gelu(v float64) float64 {
	return 0.5 * v * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
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
