package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
)

// op is an operation on operands of the given shapes. Lookups and targets are part of its closure.
type op struct {
	name     string
	operands [][]int
	constant int // number of last operands that no gradient flows into
	run      func(t *Tape, x []*Tensor) *Tensor
}

// ops lists every operation of Tape; operations with flags once for each form.
func ops() []op {
	matMul := func(name string, a, b []int, flags ...Transpose) op {
		return op{"MatMul/" + name, [][]int{a, b}, 0, func(t *Tape, x []*Tensor) *Tensor { return t.MatMul(x[0], x[1], flags...) }}
	}
	one := func(name string, f func(t *Tape, x *Tensor) *Tensor) op {
		return op{name, [][]int{{3, 5}}, 0, func(t *Tape, x []*Tensor) *Tensor { return f(t, x[0]) }}
	}
	two := func(name string, f func(t *Tape, a, b *Tensor) *Tensor) op {
		return op{name, [][]int{{3, 5}, {3, 5}}, 0, func(t *Tape, x []*Tensor) *Tensor { return f(t, x[0], x[1]) }}
	}
	linear := func(name string, shape []int, f func(t *Tape, x, w, b *Tensor) *Tensor) op {
		return op{name, [][]int{shape, {3, 4}, {4}}, 0, func(t *Tape, x []*Tensor) *Tensor { return f(t, x[0], x[1], x[2]) }}
	}
	rope := func(name string, r *Rotary, positions []int32) op {
		return op{name, [][]int{{2, 3, 2, 4}}, 0, func(t *Tape, x []*Tensor) *Tensor { return t.RoPE(x[0], r, positions) }}
	}
	attention := func(name string, queries, keys, heads, kvHeads int, f func(t *Tape, q, k, v *Tensor) *Tensor) op {
		kv := []int{2, keys, kvHeads, 2}
		return op{name, [][]int{{2, queries, heads, 2}, kv, kv}, 0, func(t *Tape, x []*Tensor) *Tensor { return f(t, x[0], x[1], x[2]) }}
	}
	return []op{
		matMul("plain", []int{2, 3}, []int{3, 4}),
		matMul("a", []int{3, 2}, []int{3, 4}, TransposeA),
		matMul("b", []int{2, 3}, []int{4, 3}, TransposeB),
		matMul("both", []int{3, 2}, []int{4, 3}, TransposeA, TransposeB),
		{"MatMul/square of one", [][]int{{3, 3}}, 0, func(t *Tape, x []*Tensor) *Tensor { return t.MatMul(x[0], x[0], TransposeB) }},
		matMul("batch", []int{2, 3, 4}, []int{2, 4, 2}),
		matMul("batch, a", []int{2, 4, 3}, []int{2, 4, 2}, TransposeA),
		matMul("batch, b", []int{2, 3, 4}, []int{2, 2, 4}, TransposeB),
		matMul("batch, both", []int{2, 4, 3}, []int{2, 2, 4}, TransposeA, TransposeB),
		matMul("batch of rank 4", []int{2, 1, 3, 4}, []int{2, 1, 4, 2}),
		matMul("shared", []int{2, 3, 4}, []int{4, 2}),
		matMul("shared, a", []int{2, 4, 3}, []int{4, 2}, TransposeA),
		matMul("shared, b", []int{2, 3, 4}, []int{2, 4}, TransposeB),
		matMul("shared, both", []int{2, 4, 3}, []int{2, 4}, TransposeA, TransposeB),
		linear("Linear", []int{5, 3}, (*Tape).Linear),
		linear("Linear/rank 3", []int{2, 2, 3}, (*Tape).Linear),
		linear("LinearReLU", []int{5, 3}, (*Tape).LinearReLU),
		linear("AddBiasReLU", []int{5, 3}, func(t *Tape, x, w, b *Tensor) *Tensor { return t.AddBiasReLU(t.MatMul(x, w), b) }),
		{"LinearReLU/no bias", [][]int{{2, 3}, {3, 4}}, 0, func(t *Tape, x []*Tensor) *Tensor { return t.Tanh(t.LinearReLU(x[0], x[1], nil)) }},
		{"Linear/no bias", [][]int{{2, 3}, {3, 4}}, 0, func(t *Tape, x []*Tensor) *Tensor { return t.Linear(x[0], x[1], nil) }},
		{"AddBias", [][]int{{2, 3, 4}, {4}}, 0, func(t *Tape, x []*Tensor) *Tensor { return t.AddBias(x[0], x[1]) }},
		{"AddBias/of a sequence", [][]int{{2, 3, 2}, {3, 2}}, 0, func(t *Tape, x []*Tensor) *Tensor { return t.AddBias(x[0], x[1]) }},
		two("Add", (*Tape).Add),
		two("Mul", (*Tape).Mul),
		one("Add/to itself", func(t *Tape, x *Tensor) *Tensor { return t.Add(x, x) }),
		one("Mul/by itself", func(t *Tape, x *Tensor) *Tensor { return t.Mul(x, x) }),
		one("Scale", func(t *Tape, x *Tensor) *Tensor { return t.Scale(x, -1.5) }),
		one("AddConstant", func(t *Tape, x *Tensor) *Tensor { return t.Tanh(t.AddConstant(x, 0.5)) }),
		one("ReLU", (*Tape).ReLU),
		one("Tanh", (*Tape).Tanh),
		one("GELU", (*Tape).GELU),
		one("GELUTanh", (*Tape).GELUTanh),
		one("SiLU", (*Tape).SiLU),
		two("SwiGLU", (*Tape).SwiGLU),
		two("GEGLU", (*Tape).GEGLU),
		one("GEGLU/of itself", func(t *Tape, x *Tensor) *Tensor { return t.GEGLU(x, x) }),
		one("SwiGLU/of itself", func(t *Tape, x *Tensor) *Tensor { return t.SwiGLU(x, x) }),
		{"LayerNorm", [][]int{{2, 2, 5}, {5}, {5}}, 0, func(t *Tape, x []*Tensor) *Tensor { return t.LayerNorm(x[0], x[1], x[2], 1e-5) }},
		{"LayerNorm/constant gain", [][]int{{3, 5}, {5}, {5}}, 2, func(t *Tape, x []*Tensor) *Tensor { return t.LayerNorm(x[0], x[1], x[2], .1) }},
		{"RMSNorm", [][]int{{2, 2, 5}, {5}}, 0, func(t *Tape, x []*Tensor) *Tensor { return t.RMSNorm(x[0], x[1], 1e-5) }},
		rope("RoPE/half split", NewRotary(8, RotaryFrequencies(4, 10), HalfSplit), nil),
		rope("RoPE/interleaved", NewRotary(8, RotaryFrequencies(4, 10), Interleaved), nil),
		rope("RoPE/part of a head", NewRotary(8, RotaryFrequencies(2, 10), HalfSplit), []int32{5, 1, 7}),
		rope("RoPE/own positions", NewRotary(8, RotaryFrequencies(4, 10), HalfSplit), []int32{5, 1, 7, 0, 0, 2}),
		attention("Attention", 3, 4, 1, 1, (*Tape).Attention),
		attention("Attention/grouped heads", 3, 4, 4, 2, (*Tape).Attention),
		attention("CausalAttention", 3, 3, 1, 1, (*Tape).CausalAttention),
		attention("CausalAttention/fewer queries than keys", 2, 5, 2, 1, (*Tape).CausalAttention),
		attention("AttentionWith/a scale and a softcap", 3, 4, 2, 1, func(t *Tape, q, k, v *Tensor) *Tensor {
			return t.AttentionWith(q, k, v, AttentionOptions{Scale: 0.9, Softcap: 1.5})
		}),
		attention("AttentionWith/a window", 4, 5, 2, 1, func(t *Tape, q, k, v *Tensor) *Tensor {
			return t.AttentionWith(q, k, v, AttentionOptions{Causal: true, Window: 2, Softcap: 2})
		}),
		{"CausalAttention/to itself", [][]int{{1, 4, 2, 3}}, 0, func(t *Tape, x []*Tensor) *Tensor { return t.CausalAttention(x[0], x[0], x[0]) }},
		{"Embedding", [][]int{{4, 3}}, 0, func(t *Tape, x []*Tensor) *Tensor { return t.Embedding(x[0], []int32{2, 0, 2, 3, 2}) }},
		{"GatherSum", [][]int{{5, 3}}, 0, func(t *Tape, x []*Tensor) *Tensor {
			return t.EmbeddingBag(x[0], []int32{2, 0, 4, 2, 1, 1}, 2)
		}},
		one("Reshape", func(t *Tape, x *Tensor) *Tensor { return t.Tanh(t.Reshape(x, 5, 3)) }),
		one("Reshape/and the original", func(t *Tape, x *Tensor) *Tensor {
			return t.Add(t.Mul(t.Reshape(x, 15), t.Reshape(x, 15)), t.Reshape(t.Tanh(x), 15))
		}),
		one("Rows", func(t *Tape, x *Tensor) *Tensor { return t.Tanh(t.Rows(x, 1, 3)) }),
		one("Rows/overlapping", func(t *Tape, x *Tensor) *Tensor { return t.Mul(t.Rows(x, 0, 2), t.Rows(x, 1, 3)) }),
		one("SwapAxes", func(t *Tape, x *Tensor) *Tensor { return t.SwapAxes(x, 0, -1) }),
		one("SwapAxes/inner", func(t *Tape, x *Tensor) *Tensor { return t.SwapAxes(t.Reshape(x, 1, 5, 3, 1), -2, 1) }),
		one("SwapAxes/apart", func(t *Tape, x *Tensor) *Tensor { return t.SwapAxes(t.Reshape(x, 3, 1, 5), 0, 2) }),
		one("Columns", func(t *Tape, x *Tensor) *Tensor { return t.Columns(x, 1, 4) }),
		one("Columns/overlapping", func(t *Tape, x *Tensor) *Tensor { return t.Mul(t.Columns(x, 0, 3), t.Columns(x, 2, 5)) }),
		one("Softmax", (*Tape).Softmax),
		one("LogSoftmax", (*Tape).LogSoftmax),
		one("CrossEntropy", func(t *Tape, x *Tensor) *Tensor { return t.CrossEntropy(x, []int32{4, Ignore, 0}) }),
		{"SoftCrossEntropy", [][]int{{3, 5}, {3, 5}}, 1, func(t *Tape, x []*Tensor) *Tensor {
			return t.SoftCrossEntropy(x[0], (*Tape)(nil).Softmax(x[1]))
		}},
		{"KL", [][]int{{3, 5}, {3, 5}}, 1, func(t *Tape, x []*Tensor) *Tensor {
			return t.KL(x[0], (*Tape)(nil).Softmax(x[1]))
		}},
		{"LinearCrossEntropy", [][]int{{4, 3}, {3, 5}}, 0, func(t *Tape, x []*Tensor) *Tensor {
			return t.Scale(t.LinearCrossEntropy(x[0], OutputLayer{Weight: x[1]}, []int32{4, Ignore, 0, 2}), 3)
		}},
		{"LinearCrossEntropy/tied", [][]int{{4, 3}, {5, 3}}, 0, func(t *Tape, x []*Tensor) *Tensor {
			return t.LinearCrossEntropy(t.Add(x[0], t.Embedding(x[1], []int32{0, 1, 4, 1})), OutputLayer{Weight: x[1], Tied: true}, []int32{Ignore, 4, 0, 0})
		}},
		{"LinearCrossEntropy/constant weights", [][]int{{2, 3}, {3, 5}}, 1, func(t *Tape, x []*Tensor) *Tensor {
			return t.LinearCrossEntropy(x[0], OutputLayer{Weight: x[1]}, []int32{4, 1})
		}},
		{"LinearCrossEntropy/half", [][]int{{2, 3}}, 0, func(t *Tape, x []*Tensor) *Tensor {
			return t.LinearCrossEntropy(x[0], OutputLayer{Half: someHalf(5, 3)}, []int32{4, 1})
		}},
		{"LinearCrossEntropy/softcap", [][]int{{4, 3}, {3, 5}}, 0, func(t *Tape, x []*Tensor) *Tensor {
			return t.LinearCrossEntropy(x[0], OutputLayer{Weight: x[1], Softcap: 1.5}, []int32{4, Ignore, 0, 2})
		}},
		{"LinearHalf", [][]int{{2, 2, 3}, {7}}, 0, func(t *Tape, x []*Tensor) *Tensor {
			return t.LinearHalf(x[0], someHalf(7, 3), x[1])
		}},
		{"LinearHalf/many rows", [][]int{{6, 3}}, 0, func(t *Tape, x []*Tensor) *Tensor {
			return t.LinearHalf(x[0], someHalf(7, 3), nil)
		}},
		one("Sum", (*Tape).Sum),
		one("Mean", (*Tape).Mean),
	}
}

// someHalf returns a matrix of numbers that BF16 represents exactly.
func someHalf(rows, cols int) *Half {
	bits := make([]uint16, rows*cols)
	for i := range bits {
		bits[i] = 0x3f80 + uint16(i)*0x1111&0x807f // ±1 to ±2
	}
	return NewHalf(bits, rows, cols, BF16)
}

// inputs returns operands whose elements are odd multiples of 1/16 in [−1, 1]: a step of up to 1/16
// is exact and does not cross the kink of ReLU at 0.
func inputs(rng *rand.Rand, o op) []*Tensor {
	x := make([]*Tensor, len(o.operands))
	for i, shape := range o.operands {
		x[i] = New(shape...)
		for j := range x[i].data {
			x[i].data[j] = float32(2*rng.IntN(16)-15) / 16
		}
	}
	return x
}

// weigh returns the scalar of a gradient check: Σ r·y in float64.
func weigh(y *Tensor, r []float32) float64 {
	var sum float64
	for i, v := range y.data {
		sum += float64(v) * float64(r[i])
	}
	return sum
}

// TestGradients compares every gradient with the central difference of fourth order (8(f(h)−f(−h))
// − (f(2h)−f(−2h)))/12h. At h = 1/32 its truncation error, h⁴f⁽⁵⁾/30, and the float32 rounding of f
// are both about 1e-6.
func TestGradients(t *testing.T) {
	const h, tolerance = 1.0 / 32, 1e-4
	for _, o := range ops() {
		t.Run(o.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			x := inputs(rng, o)
			if o.name == "LinearReLU" || o.name == "AddBiasReLU" {
				awayFromZero(t, x)
			}
			watched := x[:len(x)-o.constant]
			tape := NewTape(watched...)
			y := o.run(tape, x)
			r := Normal(rng, 1, y.Len())
			tape.Backward(tape.Sum(tape.Mul(tape.Reshape(y, y.Len()), r)))
			for i, w := range watched {
				g := tape.Grad(w)
				for j := range w.data {
					at := w.data[j]
					f := func(step float32) float64 {
						w.data[j] = at + step
						return weigh(o.run(nil, x), r.data)
					}
					want := (8*(f(h)-f(-h)) - (f(2*h) - f(-2*h))) / (12 * h)
					w.data[j] = at
					if got := float64(g.data[j]); math.Abs(got-want) > tolerance*(1+math.Abs(want)) {
						t.Errorf("operand %d, element %d: gradient %.6f, central difference %.6f", i, j, got, want)
					}
				}
			}
		})
	}
}

// awayFromZero shifts the bias so that no pre-activation changes its sign under the steps of the
// check.
func awayFromZero(t *testing.T, x []*Tensor) {
	y := (*Tape)(nil).Linear(x[0], x[1], nil)
	for j := range x[2].data {
		best, margin := float32(0), float32(0)
		for b := float32(-1); b <= 1; b += 1.0 / 64 {
			least := float32(math.Inf(1))
			for i := range y.Dim(0) {
				v := y.At(i, j) + b
				least = min(least, max(v, -v))
			}
			if least > margin {
				best, margin = b, least
			}
		}
		if margin < 1.0/15 {
			t.Fatalf("no bias keeps output %d from the kink: margin %v", j, margin)
		}
		x[2].data[j] = best
	}
}

// TestNilTapeSameBits: evaluation and training compute the same bits.
func TestNilTapeSameBits(t *testing.T) {
	for _, o := range ops() {
		x := inputs(rand.New(rand.NewPCG(3, 4)), o)
		want := o.run(nil, x)
		recording := NewTape(x...)
		constant := NewTape()
		for name, got := range map[string]*Tensor{"recording": o.run(recording, x), "constant": o.run(constant, x)} {
			if !sameBits(got.data, want.data) {
				t.Errorf("%s: a %s tape computes %v, a nil tape %v", o.name, name, got.data, want.data)
			}
		}
		if n := len(constant.nodes); n != 0 {
			t.Errorf("%s: a tape without leaves recorded %d operations", o.name, n)
		}
	}
}

// TestReuseSameBits repeats every operation on a tape whose memory is full of NaN.
func TestReuseSameBits(t *testing.T) {
	for _, o := range ops() {
		x := inputs(rand.New(rand.NewPCG(5, 6)), o)
		watched := x[:len(x)-o.constant]
		tape := NewTape(watched...)
		step := func() (y []float32, grads [][]float32) {
			tape.Reset()
			out := o.run(tape, x)
			tape.Backward(tape.Mean(tape.Mul(out, out)))
			for _, g := range tape.Grads() {
				grads = append(grads, g.Clone().data)
			}
			return out.Clone().data, grads
		}
		wantY, wantGrads := step()
		for _, slab := range tape.arena.slabs {
			for i := range slab {
				slab[i] = float32(math.NaN())
			}
		}
		for _, g := range tape.Grads() {
			for i := range g.data {
				g.data[i] = float32(math.NaN())
			}
		}
		y, grads := step()
		if !sameBits(y, wantY) {
			t.Errorf("%s: forward pass after Reset is %v, was %v", o.name, y, wantY)
		}
		for i := range grads {
			if !sameBits(grads[i], wantGrads[i]) {
				t.Errorf("%s: gradient %d after Reset is %v, was %v", o.name, i, grads[i], wantGrads[i])
			}
		}
	}
}

func sameBits(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}
