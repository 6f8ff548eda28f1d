// Package lineagetest makes models that are derived from a model of the Llama architecture: their
// weights are permuted, rotated, rescaled, pruned, rounded or averaged. Permuted, rotated and
// rescaled models answer as the original does, within rounding. Programs that test a comparison of
// models with them know the true relation.
package lineagetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/tensor/safetensors"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// Edit changes the tensors of a model in place. Tensors are those of [transformer.Model.Tensors] in
// float32, by name.
type Edit func(t Tensors, c transformer.Config)

// Tensors are the tensors of a model by name.
type Tensors map[string][]float32

// Apply returns a copy of m with edits. A model that is not of the Llama architecture with gated
// layers is an error.
func Apply(m *transformer.Model, edits ...Edit) (*transformer.Model, error) {
	c := m.Config()
	if c.Architecture != transformer.Llama || c.Fused || c.UnitOffset || c.Norms != transformer.NormBefore {
		return nil, fmt.Errorf("lineagetest: edits are for a plain Llama, have %s", c.Architecture)
	}
	m = m.ToFloat32()
	t := Tensors{}
	var all []safetensors.Tensor
	for x := range m.Tensors() {
		x.Float32s = slices.Clone(x.Float32s)
		t[x.Name] = x.Float32s
		all = append(all, x)
	}
	for _, e := range edits {
		e(t, c)
	}
	return m.WithTensors(all)
}

func block(i int, name string) string { return fmt.Sprintf("model.layers.%d.%s.weight", i, name) }

// kinds of tensors by the side on which they touch the hidden state.
var (
	readers = []string{"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "mlp.gate_proj", "mlp.up_proj"} // [out dim]
	writers = []string{"self_attn.o_proj", "mlp.down_proj"}                                                        // [dim in]
	gains   = []string{"input_layernorm", "post_attention_layernorm"}                                              // [dim]
)

// PermuteNeurons gives the neurons of every feed-forward layer another order.
func PermuteNeurons(seed uint64) Edit {
	return func(t Tensors, c transformer.Config) {
		rng := rand.New(rand.NewPCG(seed, 1))
		for i := range c.Layers {
			p := rng.Perm(c.Hidden)
			permuteRows(t[block(i, "mlp.gate_proj")], c.Dim, p)
			permuteRows(t[block(i, "mlp.up_proj")], c.Dim, p)
			permuteColumns(t[block(i, "mlp.down_proj")], c.Hidden, p)
		}
	}
}

// PermuteHeads gives the groups of heads of every attention layer another order: a head of keys and
// values with the heads of queries that use it.
func PermuteHeads(seed uint64) Edit {
	return func(t Tensors, c transformer.Config) {
		rng := rand.New(rand.NewPCG(seed, 2))
		for i := range c.Layers {
			p := rng.Perm(c.KVHeads)
			own, group := blocks(p, c.HeadDim), blocks(p, c.HeadDim*c.Heads/c.KVHeads)
			permuteRows(t[block(i, "self_attn.q_proj")], c.Dim, group)
			permuteRows(t[block(i, "self_attn.k_proj")], c.Dim, own)
			permuteRows(t[block(i, "self_attn.v_proj")], c.Dim, own)
			permuteColumns(t[block(i, "self_attn.o_proj")], c.Heads*c.HeadDim, group)
		}
	}
}

// PermuteHidden gives the dimensions of the hidden state another order.
func PermuteHidden(seed uint64) Edit {
	return func(t Tensors, c transformer.Config) {
		p := rand.New(rand.NewPCG(seed, 3)).Perm(c.Dim)
		for name, x := range t {
			switch {
			case ends(name, writers):
				permuteRows(x, len(x)/c.Dim, p)
			case ends(name, gains), name == "model.norm.weight":
				permuteRows(x, 1, p)
			default:
				permuteColumns(x, c.Dim, p)
			}
		}
	}
}

// FoldGains moves the gains of the norms before a layer into the weights that follow, so that they
// become 1. The last norm is left as it is in a model whose output layer is the table of the
// tokens.
func FoldGains() Edit {
	return func(t Tensors, c transformer.Config) {
		fold := func(gain string, into ...string) {
			g := t[gain]
			for _, name := range into {
				x := t[name]
				for i := range x {
					x[i] *= g[i%c.Dim]
				}
			}
			for i := range g {
				g[i] = 1
			}
		}
		for i := range c.Layers {
			fold(block(i, "input_layernorm"), block(i, "self_attn.q_proj"), block(i, "self_attn.k_proj"), block(i, "self_attn.v_proj"))
			fold(block(i, "post_attention_layernorm"), block(i, "mlp.gate_proj"), block(i, "mlp.up_proj"))
		}
		if !c.Tied {
			fold("model.norm.weight", "lm_head.weight")
		}
	}
}

// Rotate folds the gains and turns the hidden state by a random rotation. A model whose output
// layer is the table of the tokens then answers differently, unless the gain of its last norm is
// constant.
func Rotate(seed uint64) Edit {
	return func(t Tensors, c transformer.Config) {
		FoldGains()(t, c)
		q := rotation(rand.New(rand.NewPCG(seed, 4)), c.Dim)
		for name, x := range t {
			switch {
			case ends(name, writers):
				turnRows(x, c.Dim, q)
			case ends(name, gains), name == "model.norm.weight":
			default:
				turnColumns(x, c.Dim, q)
			}
		}
	}
}

// Rescale multiplies what each neuron writes by a factor in [1/4, 4] with a random sign, and its
// ungated input by the inverse. It folds the gains.
func Rescale(seed uint64) Edit {
	return func(t Tensors, c transformer.Config) {
		FoldGains()(t, c)
		rng := rand.New(rand.NewPCG(seed, 5))
		for i := range c.Layers {
			up, down := t[block(i, "mlp.up_proj")], t[block(i, "mlp.down_proj")]
			for n := range c.Hidden {
				f := float32(math.Pow(4, 2*rng.Float64()-1))
				if rng.IntN(2) == 0 {
					f = -f
				}
				for k := range c.Dim {
					up[n*c.Dim+k] /= f
					down[k*c.Hidden+n] *= f
				}
			}
		}
	}
}

// Prune sets the given share of the weights of every matrix to zero, the smallest ones.
func Prune(share float64) Edit {
	return matrices(func(x []float32, _ int) {
		sizes := make([]float32, len(x))
		for i, v := range x {
			sizes[i] = max(v, -v)
		}
		slices.Sort(sizes)
		least := sizes[min(len(sizes)-1, int(share*float64(len(sizes))))]
		for i, v := range x {
			if max(v, -v) < least {
				x[i] = 0
			}
		}
	})
}

// BF16 rounds all weights to bfloat16, to nearest, ties to even.
func BF16() Edit {
	return func(t Tensors, _ transformer.Config) {
		for _, x := range t {
			for i, v := range x {
				b := math.Float32bits(v)
				x[i] = math.Float32frombits((b + 0x7fff + b>>16&1) &^ 0xffff)
			}
		}
	}
}

// Int8 rounds every row of every matrix to 255 levels, and restores it.
func Int8() Edit { return quantize(127) }

// Int4 rounds every row of every matrix to 15 levels, and restores it.
func Int4() Edit { return quantize(7) }

func quantize(levels float64) Edit {
	return matrices(func(x []float32, cols int) {
		for ; len(x) > 0; x = x[cols:] {
			most := 0.0
			for _, v := range x[:cols] {
				most = max(most, math.Abs(float64(v)))
			}
			if most == 0 {
				continue
			}
			for i, v := range x[:cols] {
				x[i] = float32(math.Round(float64(v)/most*levels) / levels * most)
			}
		}
	})
}

// Noise adds normal noise to every matrix, of the given size relative to the standard deviation of
// the matrix.
func Noise(size float64, seed uint64) Edit {
	rng := rand.New(rand.NewPCG(seed, 6))
	return matrices(func(x []float32, _ int) {
		sum := 0.0
		for _, v := range x {
			sum += float64(v) * float64(v)
		}
		deviation := size * math.Sqrt(sum/float64(len(x)))
		for i := range x {
			x[i] += float32(deviation * rng.NormFloat64())
		}
	})
}

// Merge makes the weights the mean of those of the model and of another of the same shape, in which
// the other has the given share.
func Merge(other *transformer.Model, share float64) Edit {
	return func(t Tensors, _ transformer.Config) {
		for y := range other.ToFloat32().Tensors() {
			x := t[y.Name]
			for i, v := range y.Float32s {
				x[i] = float32((1-share)*float64(x[i]) + share*float64(v))
			}
		}
	}
}

// matrices changes every matrix, in the order of the names. cols is the length of a row.
func matrices(change func(x []float32, cols int)) Edit {
	return func(t Tensors, c transformer.Config) {
		var names []string
		for name := range t {
			if !strings.HasSuffix(name, "norm.weight") {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			cols := c.Dim
			switch {
			case strings.HasSuffix(name, "mlp.down_proj.weight"):
				cols = c.Hidden
			case strings.HasSuffix(name, "self_attn.o_proj.weight"):
				cols = c.Heads * c.HeadDim
			}
			change(t[name], cols)
		}
	}
}

func ends(name string, parts []string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.HasSuffix(name, "."+p+".weight") })
}

// blocks returns the permutation of elements that moves whole blocks.
func blocks(p []int, size int) []int {
	var all []int
	for _, b := range p {
		for i := range size {
			all = append(all, b*size+i)
		}
	}
	return all
}

func permuteRows(x []float32, cols int, p []int) {
	y := slices.Clone(x)
	for i, from := range p {
		copy(x[i*cols:(i+1)*cols], y[from*cols:])
	}
}

func permuteColumns(x []float32, cols int, p []int) {
	y := make([]float32, cols)
	for ; len(x) > 0; x = x[cols:] {
		copy(y, x)
		for i, from := range p {
			x[i] = y[from]
		}
	}
}

// rotation returns a random orthogonal matrix, by Gram–Schmidt on normal vectors.
func rotation(rng *rand.Rand, n int) [][]float64 {
	q := make([][]float64, n)
	for i := range q {
		q[i] = make([]float64, n)
		for k := range q[i] {
			q[i][k] = rng.NormFloat64()
		}
		for range 2 { // twice, for rounding
			for _, p := range q[:i] {
				d := dot(p, q[i])
				for k := range q[i] {
					q[i][k] -= d * p[k]
				}
			}
		}
		size := math.Sqrt(dot(q[i], q[i]))
		for k := range q[i] {
			q[i][k] /= size
		}
	}
	return q
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// turnColumns multiplies every row by q.
func turnColumns(x []float32, dim int, q [][]float64) {
	y := make([]float64, dim)
	for ; len(x) > 0; x = x[dim:] {
		clear(y)
		for i, v := range x[:dim] {
			for k, w := range q[i] {
				y[k] += float64(v) * w
			}
		}
		for k, v := range y {
			x[k] = float32(v)
		}
	}
}

// turnRows multiplies every column, of length dim, by q.
func turnRows(x []float32, dim int, q [][]float64) {
	cols := len(x) / dim
	y := make([]float64, dim)
	for c := range cols {
		clear(y)
		for i := range dim {
			for k, w := range q[i] {
				y[k] += float64(x[i*cols+c]) * w
			}
		}
		for k, v := range y {
			x[k*cols+c] = float32(v)
		}
	}
}
