package tensor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// naiveAttention is the definition in float64.
func naiveAttention(q, k, v *Tensor, o AttentionOptions) []float64 {
	batch, queries, heads, dim := q.dims[0], q.dims[1], q.dims[2], q.dims[3]
	keys, group := k.dims[1], heads/k.dims[2]
	y := make([]float64, q.Len())
	for b := range batch {
		for i := range queries {
			for h := range heads {
				from, to := 0, keys
				if o.Causal {
					to = keys - queries + i + 1
				}
				if o.Window > 0 {
					from = max(0, to-o.Window)
				}
				scale := float64(o.Scale)
				if scale == 0 {
					scale = 1 / math.Sqrt(float64(dim))
				}
				weights, sum := make([]float64, to), 0.
				for j := from; j < to; j++ {
					var dot float64
					for d := range dim {
						dot += float64(q.At(b, i, h, d)) * float64(k.At(b, j, h/group, d))
					}
					score := dot * scale
					if most := float64(o.Softcap); most > 0 {
						score = most * math.Tanh(score/most)
					}
					weights[j] = math.Exp(score)
					sum += weights[j]
				}
				for j, w := range weights {
					for d := range dim {
						y[((b*queries+i)*heads+h)*dim+d] += w / sum * float64(v.At(b, j, h/group, d))
					}
				}
			}
		}
	}
	return y
}

// TestAttentionReference compares values and a sample of gradients with the
// definition, over several blocks of queries and their edges.
func TestAttentionReference(t *testing.T) {
	for _, c := range []struct {
		batch, queries, keys, heads, kvHeads, dim int
		options                                   AttentionOptions
	}{
		{1, 1, 1, 1, 1, 1, AttentionOptions{Causal: true}},
		{2, blockRows, blockRows, 2, 2, 4, AttentionOptions{Causal: true}},
		{2, blockRows + 1, blockRows + 1, 4, 2, 8, AttentionOptions{Causal: true}},
		{1, 2*blockRows + 5, 3*blockRows + 1, 3, 1, 5, AttentionOptions{Causal: true}},
		{1, 2*blockRows + 5, 17, 2, 2, 16, AttentionOptions{}},
		{1, 1, 40, 4, 1, 8, AttentionOptions{Causal: true}},
		{1, 0, 0, 2, 1, 2, AttentionOptions{}},
		{2, blockRows + 1, blockRows + 1, 4, 2, 8, AttentionOptions{Causal: true, Window: 1}},
		{1, 2*blockRows + 5, 3*blockRows + 1, 3, 1, 5, AttentionOptions{Causal: true, Window: blockRows + 3}},
		{1, 2*blockRows + 5, 2*blockRows + 5, 2, 1, 5, AttentionOptions{Causal: true, Window: 7, Scale: 0.3, Softcap: 1.5}},
		{1, 9, 9, 2, 1, 4, AttentionOptions{Causal: true, Window: 1000}},
		{1, 2*blockRows + 5, 17, 2, 2, 16, AttentionOptions{Scale: -0.2, Softcap: 0.5}},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			q := Normal(rng, 1, c.batch, c.queries, c.heads, c.dim)
			k, v := Normal(rng, 1, c.batch, c.keys, c.kvHeads, c.dim), Normal(rng, 1, c.batch, c.keys, c.kvHeads, c.dim)
			tape := NewTape(q, k, v)
			run := tape.Attention
			if c.options.Causal {
				run = tape.CausalAttention
			}
			if o := c.options; o != (AttentionOptions{Causal: o.Causal}) {
				run = func(q, k, v *Tensor) *Tensor { return tape.AttentionWith(q, k, v, o) }
			}
			y := run(q, k, v)
			for i, want := range naiveAttention(q, k, v, c.options) {
				if !near(y.data[i], want, 1e-5) {
					t.Fatalf("element %d is %v, want %v", i, y.data[i], want)
				}
			}
			r := Normal(rng, 1, y.Shape()...)
			tape.Backward(tape.Sum(tape.Mul(y, r)))
			for i, x := range []*Tensor{q, k, v} {
				for range min(8, x.Len()) {
					j := rng.IntN(x.Len())
					at, f := x.data[j], [2]float64{}
					const h = 1. / 64
					for s, step := range []float32{-h, h} {
						x.data[j] = at + step
						for e, y := range naiveAttention(q, k, v, c.options) {
							f[s] += y * float64(r.data[e])
						}
					}
					x.data[j] = at
					if got, want := tape.Grads()[i].data[j], (f[1]-f[0])/(2*h); !near(got, want, 1e-3) {
						t.Errorf("operand %d, element %d: gradient %v, central difference %v", i, j, got, want)
					}
				}
			}
		})
	}
}

// TestCausalAttentionDoesNotLeak: a token does not change a bit of earlier results.
func TestCausalAttentionDoesNotLeak(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const tokens, width = blockRows + 20, 2 * 4
	q, k, v := Normal(rng, 1, 1, tokens, 2, 4), Normal(rng, 1, 1, tokens, 2, 4), Normal(rng, 1, 1, tokens, 2, 4)
	var tape *Tape
	before := tape.CausalAttention(q, k, v)
	for _, token := range []int{1, blockRows - 1, blockRows, tokens - 1} {
		other := [3]*Tensor{q.Clone(), k.Clone(), v.Clone()}
		for _, x := range other {
			for i := token * width; i < (token+1)*width; i++ {
				x.data[i] = 100 * float32(rng.NormFloat64())
			}
		}
		after := tape.CausalAttention(other[0], other[1], other[2])
		if !sameBits(after.data[:token*width], before.data[:token*width]) {
			t.Errorf("token %d changes results before it", token)
		}
		if sameBits(after.data[token*width:], before.data[token*width:]) {
			t.Errorf("token %d changes nothing", token)
		}
	}
}

// TestGroupedQueriesAreRepeatedHeads: a shared head of keys and values is equal to copies of it,
// and its gradient is the sum of theirs.
func TestGroupedQueriesAreRepeatedHeads(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const batch, tokens, heads, group, dim = 2, 40, 6, 3, 4
	q, r := Normal(rng, 1, batch, tokens, heads, dim), Normal(rng, 1, batch, tokens, heads, dim)
	k, v := Normal(rng, 1, batch, tokens, heads/group, dim), Normal(rng, 1, batch, tokens, heads/group, dim)
	repeat := func(x *Tensor) *Tensor {
		y := New(batch, tokens, heads, dim)
		for i := range y.Len() / dim {
			copy(y.Row(i), x.Row(i/group))
		}
		return y
	}
	kk, vv := repeat(k), repeat(v)
	shared, copies := NewTape(k, v), NewTape(kk, vv)
	y, z := shared.CausalAttention(q, k, v), copies.CausalAttention(q, kk, vv)
	if !sameBits(y.data, z.data) {
		t.Error("results differ")
	}
	shared.Backward(shared.Sum(shared.Mul(y, r)))
	copies.Backward(copies.Sum(copies.Mul(z, r)))
	for i, g := range shared.Grads() {
		for j, got := range g.data {
			var want float64
			for c := range group {
				want += float64(copies.Grads()[i].Row(j/dim*group + c)[j%dim])
			}
			if !near(got, want, 1e-5) {
				t.Fatalf("operand %d: gradient %d is %v, want %v", i, j, got, want)
			}
		}
	}
}

// TestAttentionMemoryIsLinear counts the floats of a tape after Attention and Backward.
func TestAttentionMemoryIsLinear(t *testing.T) {
	held := func(tokens int) (floats int) {
		x := Normal(rand.New(rand.NewPCG(7, 8)), 1, 1, tokens, 1, 2)
		tape := NewTape(x)
		tape.Backward(tape.Sum(tape.CausalAttention(x, x, x)))
		for _, buf := range tape.scratch.free {
			floats += cap(buf)
		}
		return floats + tape.arena.used
	}
	small, large := held(512), held(2048)
	if large > 5*small {
		t.Errorf("4 times the tokens need %.1f times the memory, want about 4", float64(large)/float64(small))
	}
}
