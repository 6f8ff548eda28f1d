package tensor

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// network is a small MLP on one batch, for tests of the whole tape.
type network struct {
	x          *Tensor
	labels     []int32
	w1, b1, w2 *Tensor
}

func newNetwork() network {
	rng := rand.New(rand.NewPCG(7, 8))
	return network{
		x: Uniform(rng, -1, 1, 6, 4), labels: []int32{0, 1, 2, Ignore, 1, 0},
		w1: Normal(rng, 0.5, 4, 8), b1: Normal(rng, 0.1, 8), w2: Normal(rng, 0.3, 8, 3),
	}
}

func (n network) params() []*Tensor { return []*Tensor{n.w1, n.b1, n.w2} }

func (n network) loss(t *Tape) *Tensor {
	return t.CrossEntropy(t.Linear(t.LinearReLU(n.x, n.w1, n.b1), n.w2, nil), n.labels)
}

func TestConstantsGetNoGradient(t *testing.T) {
	n := newNetwork()
	tape := NewTape(n.w2)
	hidden := tape.LinearReLU(n.x, n.w1, n.b1)
	logits := tape.MatMul(hidden, n.w2)
	tape.Backward(tape.CrossEntropy(logits, n.labels))
	for name, x := range map[string]*Tensor{"the input": n.x, "an unwatched weight": n.w1, "a result of constants": hidden} {
		if tape.Grad(x) != nil {
			t.Errorf("%s has a gradient", name)
		}
	}
	if tape.Grad(logits) != nil {
		t.Error("a result keeps its gradient after Backward")
	}
	if tape.Grad(n.w2) != tape.Grads()[0] {
		t.Error("the leaf has no gradient")
	}
	if len(tape.nodes) != 3 { // w2, MatMul, CrossEntropy
		t.Errorf("the tape holds %d records, want 3: the first layer depends on no leaf", len(tape.nodes))
	}
}

func TestBackwardStartsFromZero(t *testing.T) {
	x, unused := FromSlice([]float32{3}, 1), New(2)
	tape := NewTape(x, unused)
	square := tape.Mul(x, x)
	cube := tape.Mul(square, x)
	for _, c := range []struct {
		reason string
		loss   *Tensor
		want   float32
	}{
		{"d x³ = 3x²", cube, 27},
		{"a second Backward replaces the gradients", cube, 27},
		{"d x² = 2x, though the record goes on to x³", square, 6},
	} {
		tape.Backward(c.loss)
		if got := tape.Grad(x).Item(); got != c.want {
			t.Errorf("%s: gradient %v, want %v", c.reason, got, c.want)
		}
	}
	if g := tape.Grad(unused); g == nil || !slices.Equal(g.Data(), []float32{0, 0}) {
		t.Errorf("a leaf that the loss does not depend on has gradient %v, want zeros", g)
	}
}

func TestGradOfReshaped(t *testing.T) {
	x := FromSlice([]float32{1, 2, 3, 4}, 2, 2)
	tape := NewTape(x)
	flat := tape.Reshape(x, 4)
	tape.Backward(tape.Sum(tape.Mul(flat, flat)))
	if g := tape.Grad(x); !slices.Equal(g.Shape(), []int{2, 2}) || !slices.Equal(g.Data(), []float32{2, 4, 6, 8}) {
		t.Errorf("gradient has shape %v, %v", g.Shape(), g.Data())
	}
}

func TestTapesShareParameters(t *testing.T) {
	n := newNetwork()
	alone := NewTape(n.params()...)
	alone.Backward(n.loss(alone))
	var wg sync.WaitGroup
	tapes := make([]*Tape, 4)
	for i := range tapes {
		tapes[i] = NewTape(n.params()...)
		wg.Go(func() {
			for range 10 {
				tapes[i].Reset()
				tapes[i].Backward(n.loss(tapes[i]))
			}
		})
	}
	wg.Wait()
	for i, tape := range tapes {
		for j, g := range tape.Grads() {
			if !sameBits(g.data, alone.Grads()[j].data) {
				t.Errorf("tape %d: gradient %d differs from that of a tape alone", i, j)
			}
		}
	}
}

func TestTapeMisuse(t *testing.T) {
	x := New(2, 2)
	for _, c := range []struct {
		name string
		want string
		call func()
	}{
		{"loss is no scalar", "tensor: Backward: the loss has shape [2 2], want a scalar", func() {
			tape := NewTape(x)
			tape.Backward(tape.Add(x, x))
		}},
		{"loss is a constant", "tensor: Backward: the loss does not depend on a watched tensor", func() {
			tape := NewTape(x)
			tape.Backward(tape.Sum(New(3)))
		}},
		{"nil tape", "tensor: Backward: the loss does not depend on a watched tensor", func() {
			var tape *Tape
			tape.Backward(tape.Sum(x))
		}},
		{"watching too late", "tensor: Watch: operations were recorded since the last Reset", func() {
			tape := NewTape(x)
			tape.Sum(x)
			tape.Watch(New(1))
		}},
		{"watching a result", "tensor: Watch: a result of this tape cannot be its leaf; Clone it", func() {
			tape := NewTape()
			tape.Watch(tape.Add(x, x))
		}},
	} {
		if got := panicText(c.call); got != c.want {
			t.Errorf("%s: panics with %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWatchTwiceKeepsPosition(t *testing.T) {
	a, b := New(1), New(2)
	tape := NewTape(a, b)
	tape.Watch(b, a)
	if leaves := tape.Leaves(); len(leaves) != 2 || leaves[0] != a || len(tape.Grads()) != 2 {
		t.Errorf("leaves are %v", leaves)
	}
}
