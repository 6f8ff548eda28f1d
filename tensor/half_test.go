package tensor

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// halfOf rounds x, which has two dimensions.
func halfOf(x *Tensor, format HalfFormat) *Half {
	bits := make([]uint16, x.Len())
	if format == F16 {
		kernel.Float32ToF16(bits, x.data)
	} else {
		kernel.Float32ToBF16(bits, x.data)
	}
	return NewHalf(bits, x.dims[0], x.dims[1], format)
}

// TestHalf compares results with 16-bit weights and with the same weights in float32, over several
// blocks of weights and both ways of multiplying.
func TestHalf(t *testing.T) {
	for _, format := range []HalfFormat{BF16, F16} {
		for _, rows := range []int{0, 1, fewRows, fewRows + 1, 70} {
			t.Run(fmt.Sprintf("%v/rows=%d", format, rows), func(t *testing.T) {
				const in, out = 700, 401
				rng := rand.New(rand.NewPCG(1, 2))
				h := halfOf(Normal(rng, 1, out, in), format)
				w, b, x := h.Float32(), Normal(rng, 1, out), Normal(rng, 1, rows, in)
				var tape *Tape
				want := tape.AddBias(tape.MatMul(x, w, TransposeB), b)
				for i, v := range tape.LinearHalf(x, h, b).data {
					if !near(v, float64(want.data[i]), 1e-4) {
						t.Fatalf("element %d is %v, want %v", i, v, want.data[i])
					}
				}
				targets := make([]int32, rows)
				for i := range targets {
					targets[i] = rng.Int32N(out+1) - 1
				}
				logits := tape.MatMul(x, w, TransposeB)
				logs := tape.LogSoftmax(logits)
				for name, o := range map[string]OutputLayer{"half": {Half: h}, "tied": {Weight: w, Tied: true}, "plain": {Weight: tape.SwapAxes(w, 0, 1)}} {
					for i, got := range tape.LinearLogProbs(x, o, targets) {
						want := float32(0)
						if targets[i] != Ignore {
							want = logs.At(i, int(targets[i]))
						}
						if !near(got, float64(want), 1e-4) {
							t.Errorf("%s: log-probability of row %d is %v, want %v", name, i, got, want)
						}
					}
					for i, got := range tape.LinearLogits(x, o).data {
						if !near(got, float64(logits.data[i]), 1e-4) {
							t.Fatalf("%s: logit %d is %v, want %v", name, i, got, logits.data[i])
						}
					}
				}
			})
		}
	}
}

func TestEmbeddingHalf(t *testing.T) {
	h := halfOf(Normal(rand.New(rand.NewPCG(1, 2)), 1, 5, 19), BF16)
	got, want := (*Tape)(nil).EmbeddingHalf(h, []int32{4, 0, 4}), h.Float32()
	for i, row := range []int{4, 0, 4} {
		for j, v := range got.Row(i) {
			if v != want.At(row, j) {
				t.Errorf("row %d is %v, want row %d of the table", i, got.Row(i), row)
				break
			}
		}
	}
}

// TestLinearCrossEntropyBlocks: with more classes than a block of rows holds there are several
// blocks, whose sum is the loss of all rows.
func TestLinearCrossEntropyBlocks(t *testing.T) {
	const rows, in, classes = 2*outputRows + 7, 3, outputFloats/outputRows + 5
	rng := rand.New(rand.NewPCG(1, 2))
	x, w := Normal(rng, 1, rows, in), Normal(rng, 1, in, classes)
	targets := make([]int32, rows)
	for i := range targets {
		targets[i] = rng.Int32N(classes+1) - 1
	}
	targets[3] = Ignore
	a, b := NewTape(x, w), NewTape(x, w)
	la, lb := a.LinearCrossEntropy(x, OutputLayer{Weight: w}, targets), b.CrossEntropy(b.Linear(x, w, nil), targets)
	if !near(la.Item(), float64(lb.Item()), 1e-5) {
		t.Errorf("loss is %v, want %v", la.Item(), lb.Item())
	}
	a.Backward(la)
	b.Backward(lb)
	for i, g := range a.Grads() {
		for j, v := range g.data {
			if !near(v, float64(b.Grads()[i].data[j]), 1e-5) {
				t.Fatalf("gradient %d: element %d is %v, want %v", i, j, v, b.Grads()[i].data[j])
			}
		}
	}
}
