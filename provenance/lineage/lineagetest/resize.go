package lineagetest

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone/tensor/safetensors"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// DropNeurons returns m with the given number of neurons in every feed-forward layer: those with
// the largest weights, in their order.
func DropNeurons(m *transformer.Model, keep int) (*transformer.Model, error) {
	c := m.Config()
	old := c
	c.Hidden = keep
	return resize(m, c, func(t Tensors) {
		for i := range c.Layers {
			gate, up, down := block(i, "mlp.gate_proj"), block(i, "mlp.up_proj"), block(i, "mlp.down_proj")
			kept := largest(t[gate], old.Dim, keep)
			t[gate], t[up] = rows(t[gate], old.Dim, kept), rows(t[up], old.Dim, kept)
			t[down] = columns(t[down], old.Hidden, kept)
		}
	})
}

// PickLayers returns m with the named layers, in the given order. A layer may be named twice.
func PickLayers(m *transformer.Model, keep ...int) (*transformer.Model, error) {
	c := m.Config()
	c.Layers = len(keep)
	return resize(m, c, func(t Tensors) {
		kept := Tensors{}
		for to, from := range keep {
			for _, part := range slices.Concat(readers, writers, gains) {
				kept[block(to, part)] = t[block(from, part)]
			}
		}
		for name, x := range kept {
			t[name] = x
		}
	})
}

// DropDims returns m with a random part of the dimensions of its hidden state.
func DropDims(m *transformer.Model, keep int, seed uint64) (*transformer.Model, error) {
	c := m.Config()
	old := c.Dim
	c.Dim = keep
	return resize(m, c, func(t Tensors) {
		kept := rand.New(rand.NewPCG(seed, 7)).Perm(old)[:keep]
		slices.Sort(kept)
		for name, x := range t {
			switch {
			case ends(name, writers):
				t[name] = rows(x, len(x)/old, kept)
			case ends(name, gains), name == "model.norm.weight":
				t[name] = rows(x, 1, kept)
			default:
				t[name] = columns(x, old, kept)
			}
		}
	})
}

// resize returns a model of another shape with changed copies of the tensors of m.
func resize(m *transformer.Model, c transformer.Config, change func(Tensors)) (*transformer.Model, error) {
	t := Tensors{}
	for x := range m.ToFloat32().Tensors() {
		t[x.Name] = x.Float32s
	}
	change(t)
	c.RopePairing = transformer.HalfSplit // of Tensors
	shape, err := transformer.New(rand.New(rand.NewPCG(0, 0)), c)
	if err != nil {
		return nil, err
	}
	var all []safetensors.Tensor
	for x := range shape.Tensors() {
		x.Float32s = t[x.Name]
		all = append(all, x)
	}
	return shape.WithTensors(all)
}

// largest returns the rows with the largest sums of squares, in their order.
func largest(x []float32, cols, keep int) []int {
	order := make([]int, len(x)/cols)
	sizes := make([]float64, len(order))
	for i := range order {
		order[i] = i
		for _, v := range x[i*cols : (i+1)*cols] {
			sizes[i] += float64(v) * float64(v)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	order = order[:keep]
	slices.Sort(order)
	return order
}

func rows(x []float32, cols int, kept []int) []float32 {
	var y []float32
	for _, r := range kept {
		y = append(y, x[r*cols:(r+1)*cols]...)
	}
	return y
}

func columns(x []float32, cols int, kept []int) []float32 {
	var y []float32
	for ; len(x) > 0; x = x[cols:] {
		for _, c := range kept {
			y = append(y, x[c])
		}
	}
	return y
}
