package lineagetest

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/tensor/transformer"
)

// Renew gives the tensors whose name match accepts new random weights of the same size. Norms keep
// their gains.
func Renew(seed uint64, match func(name string) bool) Edit {
	return func(t Tensors, c transformer.Config) {
		rng := rand.New(rand.NewPCG(seed, 8))
		var names []string
		for name := range t {
			if match(name) && !strings.HasSuffix(name, "norm.weight") {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			x := t[name]
			sum := 0.0
			for _, v := range x {
				sum += float64(v) * float64(v)
			}
			deviation := math.Sqrt(sum / float64(len(x)))
			for i := range x {
				x[i] = float32(deviation * rng.NormFloat64())
			}
		}
	}
}

// TurnHeads turns the values of each head by a random rotation, and what reads them by its inverse.
func TurnHeads(seed uint64) Edit {
	return func(t Tensors, c transformer.Config) {
		rng := rand.New(rand.NewPCG(seed, 9))
		width := c.Heads * c.HeadDim
		for i := range c.Layers {
			v, o := t[block(i, "self_attn.v_proj")], t[block(i, "self_attn.o_proj")] // [kv·h dim], [dim heads·h]
			for h := range c.KVHeads {
				q := rotation(rng, c.HeadDim)
				own := v[h*c.HeadDim*c.Dim : (h+1)*c.HeadDim*c.Dim]
				turnRows(own, c.HeadDim, q)
				for g := range c.Heads / c.KVHeads {
					from := (h*c.Heads/c.KVHeads + g) * c.HeadDim
					for r := range c.Dim {
						turnColumns(o[r*width+from:r*width+from+c.HeadDim], c.HeadDim, q)
					}
				}
			}
		}
	}
}

// ScaleValues multiplies each value of a head by 1/most or most, and what reads it by the inverse.
func ScaleValues(seed uint64, most float64) Edit {
	return func(t Tensors, c transformer.Config) {
		rng := rand.New(rand.NewPCG(seed, 14))
		width, group := c.Heads*c.HeadDim, c.Heads/c.KVHeads
		for i := range c.Layers {
			v, o := t[block(i, "self_attn.v_proj")], t[block(i, "self_attn.o_proj")] // [kv·h dim], [dim heads·h]
			for n := range c.KVHeads * c.HeadDim {
				f := float32(most)
				if rng.IntN(2) == 0 {
					f = 1 / f
				}
				for k := range c.Dim {
					v[n*c.Dim+k] *= f
					for g := range group {
						o[k*width+(n/c.HeadDim*group+g)*c.HeadDim+n%c.HeadDim] /= f
					}
				}
			}
		}
	}
}

// ScaleHidden multiplies each dimension of the hidden state by a factor in [1/most, most]. It folds
// the gains. Norms then see another size of the hidden state, so the answers change a little.
func ScaleHidden(seed uint64, most float64) Edit {
	return func(t Tensors, c transformer.Config) {
		FoldGains()(t, c)
		rng := rand.New(rand.NewPCG(seed, 10))
		factors := make([]float32, c.Dim)
		for i := range factors {
			factors[i] = float32(math.Pow(most, 2*rng.Float64()-1))
		}
		for name, x := range t {
			switch {
			case ends(name, writers):
				for i := range x {
					x[i] *= factors[i/(len(x)/c.Dim)]
				}
			case ends(name, readers):
				for i := range x {
					x[i] /= factors[i%c.Dim]
				}
			case name == "model.embed_tokens.weight":
				for i := range x {
					x[i] *= factors[i%c.Dim]
				}
			}
		}
	}
}

// SplitNeurons returns m with two neurons for each, which share what the neuron computes: both read
// the same, and write half of it plus and minus a random vector of the given size relative to what
// the neuron writes. The answers stay the same.
func SplitNeurons(m *transformer.Model, size float64, seed uint64) (*transformer.Model, error) {
	c := m.Config()
	old := c.Hidden
	c.Hidden *= 2
	return resize(m, c, func(t Tensors) {
		rng := rand.New(rand.NewPCG(seed, 11))
		for i := range c.Layers {
			gate, up, down := block(i, "mlp.gate_proj"), block(i, "mlp.up_proj"), block(i, "mlp.down_proj")
			t[gate], t[up] = slices.Concat(t[gate], t[gate]), slices.Concat(t[up], t[up])
			x, y := t[down], make([]float32, c.Dim*c.Hidden)
			for n := range old {
				sum := 0.0
				for k := range c.Dim {
					sum += float64(x[k*old+n]) * float64(x[k*old+n])
				}
				deviation := size * math.Sqrt(sum/float64(c.Dim))
				for k := range c.Dim {
					r := float32(deviation * rng.NormFloat64())
					y[k*c.Hidden+n], y[k*c.Hidden+n+old] = x[k*old+n]/2+r, x[k*old+n]/2-r
				}
			}
			t[down] = y
		}
	})
}

// AddNeurons returns m with the given number of further neurons of random weights in each layer,
// that write little.
func AddNeurons(m *transformer.Model, more int, seed uint64) (*transformer.Model, error) {
	c := m.Config()
	old := c.Hidden
	c.Hidden += more
	return resize(m, c, func(t Tensors) {
		rng := rand.New(rand.NewPCG(seed, 12))
		random := func(n int, deviation float64) []float32 {
			x := make([]float32, n)
			for i := range x {
				x[i] = float32(deviation * rng.NormFloat64())
			}
			return x
		}
		for i := range c.Layers {
			gate, up, down := block(i, "mlp.gate_proj"), block(i, "mlp.up_proj"), block(i, "mlp.down_proj")
			t[gate] = slices.Concat(t[gate], random(more*c.Dim, 0.1))
			t[up] = slices.Concat(t[up], random(more*c.Dim, 0.1))
			x, y := t[down], make([]float32, 0, c.Dim*c.Hidden)
			for k := range c.Dim {
				y = slices.Concat(y, x[k*old:(k+1)*old], random(more, 0.001))
			}
			t[down] = y
		}
	})
}

// Disguise returns m with an output layer of its own, a rotated hidden state, ten neurons for each
// and three heads for each. The answers stay the same, but for rounding: silu(z) − silu(−z) = z.
//
// The neuron of gate g becomes neurons of the gates −g, g+r, −(g+r), r and −r. The random r is
// gates times as large as g. Each of these neurons is split in two. One writes half of it plus a
// random vector, split times as large, and the other writes half of it minus that vector.
//
// The head of the values V and the outputs O becomes three heads that attend alike and pass
// (O/2+N)(V+P), (O/2−N)(V−P) and −2N·P. The random P is heads times as large as V, and N heads/2
// times as large as O.
func Disguise(m *transformer.Model, gates, split, heads float64, seed uint64) (*transformer.Model, error) {
	c := m.Config()
	old, tied := c, c.Tied
	c.Tied, c.Hidden, c.Heads, c.KVHeads = false, 10*c.Hidden, 3*c.Heads, 3*c.KVHeads
	return resize(m, c, func(t Tensors) {
		for name := range t {
			t[name] = slices.Clone(t[name])
		}
		if tied {
			t["lm_head.weight"] = slices.Clone(t["model.embed_tokens.weight"])
			old.Tied = false
		}
		Rotate(seed)(t, old)
		rng := rand.New(rand.NewPCG(seed, 13))
		for i := range c.Layers {
			disguiseNeurons(t, i, old, gates, split, rng)
			disguiseHeads(t, i, old, heads, rng)
		}
	})
}

// gatedNeuron is the weights of one neuron.
type gatedNeuron struct{ gate, up, down []float32 }

func disguiseNeurons(t Tensors, layer int, old transformer.Config, gates, split float64, rng *rand.Rand) {
	gate, up, down := block(layer, "mlp.gate_proj"), block(layer, "mlp.up_proj"), block(layer, "mlp.down_proj")
	var all []gatedNeuron
	for n := range old.Hidden {
		g, u := t[gate][n*old.Dim:(n+1)*old.Dim], t[up][n*old.Dim:(n+1)*old.Dim]
		d := columns(t[down], old.Hidden, []int{n})
		r := normal(rng, old.Dim, gates*rootMeanSquare(g))
		sum := plus(g, r, 1)
		for _, part := range []gatedNeuron{{negative(g), u, d}, {sum, u, d}, {negative(sum), u, negative(d)}, {r, u, negative(d)}, {negative(r), u, d}} {
			half, e := plus(nil, part.down, 0.5), normal(rng, old.Dim, split*rootMeanSquare(part.down))
			all = append(all, gatedNeuron{part.gate, u, plus(half, e, 1)}, gatedNeuron{part.gate, u, plus(half, e, -1)})
		}
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var g, u []float32
	d := make([]float32, old.Dim*len(all))
	for n, x := range all {
		g, u = append(g, x.gate...), append(u, x.up...)
		for k, v := range x.down {
			d[k*len(all)+n] = v
		}
	}
	t[gate], t[up], t[down] = g, u, d
}

func disguiseHeads(t Tensors, layer int, old transformer.Config, size float64, rng *rand.Rand) {
	for _, name := range []string{block(layer, "self_attn.q_proj"), block(layer, "self_attn.k_proj")} {
		t[name] = slices.Concat(t[name], t[name], t[name])
	}
	value, out := block(layer, "self_attn.v_proj"), block(layer, "self_attn.o_proj")
	v, o := t[value], t[out]
	p, n := normal(rng, len(v), size*rootMeanSquare(v)), normal(rng, len(o), size/2*rootMeanSquare(o))
	t[value] = slices.Concat(plus(v, p, 1), plus(v, p, -1), p)
	half, width := plus(nil, o, 0.5), old.Heads*old.HeadDim
	first, second, third := plus(half, n, 1), plus(half, n, -1), plus(nil, n, -2)
	t[out] = nil
	for k := range old.Dim {
		from, to := k*width, (k+1)*width
		t[out] = slices.Concat(t[out], first[from:to], second[from:to], third[from:to])
	}
}

// plus returns x + factor·y; a nil x is zero.
func plus(x, y []float32, factor float32) []float32 {
	z := make([]float32, len(y))
	copy(z, x)
	for i, v := range y {
		z[i] += factor * v
	}
	return z
}

func negative(x []float32) []float32 { return plus(nil, x, -1) }

// normal returns n normal numbers of the given standard deviation.
func normal(rng *rand.Rand, n int, deviation float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(deviation * rng.NormFloat64())
	}
	return x
}

func rootMeanSquare(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(x)))
}
