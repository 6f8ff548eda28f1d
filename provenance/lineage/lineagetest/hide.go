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
