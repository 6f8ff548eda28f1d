package tensor

import (
	"math"

	"github.com/undertone-audit/undertone/tensor/internal/vec"
)

// Add returns a + b, of one shape.
func (t *Tape) Add(a, b *Tensor) *Tensor {
	wantSame("Add", a, b)
	y := t.result(a.Shape()...)
	for i, v := range a.data {
		y.data[i] = v + b.data[i]
	}
	t.record(addBackward, y, a, b, nil)
	return y
}

func addBackward(t *Tape, n *node) {
	for _, x := range [2]*Tensor{n.a, n.b} {
		if dx := t.sumOf(x); dx != nil {
			addTo(dx, n.grad.data)
		}
	}
}

// Mul returns the elementwise product of a and b, of one shape.
func (t *Tape) Mul(a, b *Tensor) *Tensor {
	wantSame("Mul", a, b)
	y := t.result(a.Shape()...)
	for i, v := range a.data {
		y.data[i] = v * b.data[i]
	}
	t.record(mulBackward, y, a, b, nil)
	return y
}

func mulBackward(t *Tape, n *node) {
	if da := t.sumOf(n.a); da != nil {
		for i, g := range n.grad.data {
			da[i] += g * n.b.data[i]
		}
	}
	if db := t.sumOf(n.b); db != nil {
		for i, g := range n.grad.data {
			db[i] += g * n.a.data[i]
		}
	}
}

// Scale returns c·x.
func (t *Tape) Scale(x *Tensor, c float32) *Tensor {
	y := t.result(x.Shape()...)
	for i, v := range x.data {
		y.data[i] = c * v
	}
	if n := t.record(scaleBackward, y, x, nil, nil); n != nil {
		n.scale = c
	}
	return y
}

func scaleBackward(t *Tape, n *node) {
	dx := t.sumOf(n.a)
	for i, g := range n.grad.data {
		dx[i] += n.scale * g
	}
}

// ReLU returns max(0, x). Its derivative at 0 is taken as 0. NaN stays NaN.
func (t *Tape) ReLU(x *Tensor) *Tensor {
	y := t.result(x.Shape()...)
	for i, v := range x.data {
		y.data[i] = max(v, 0)
	}
	t.record(reluBackward, y, x, nil, nil)
	return y
}

func reluBackward(t *Tape, n *node) {
	dx := t.sumOf(n.a)
	for i, g := range n.grad.data {
		dx[i] += where(n.out.data[i], g)
	}
}

// where returns g if y > 0 and 0 if y is 0, for a y that ReLU returned. The
// sign of a pre-activation is a coin toss that a branch would mispredict.
func where(y, g float32) float32 {
	positive := uint32(-int32(math.Float32bits(y)) >> 31) // all ones or none
	return math.Float32frombits(math.Float32bits(g) & positive)
}

// Tanh returns the hyperbolic tangent of x.
func (t *Tape) Tanh(x *Tensor) *Tensor {
	y := t.result(x.Shape()...)
	vec.Tanh(y.data, x.data)
	t.record(tanhBackward, y, x, nil, nil)
	return y
}

func tanhBackward(t *Tape, n *node) {
	dx := t.sumOf(n.a)
	for i, g := range n.grad.data {
		y := n.out.data[i]
		dx[i] += g * (1 - y*y)
	}
}
