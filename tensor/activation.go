package tensor

import (
	"github.com/undertone-audit/undertone/tensor/internal/kernel"
	"github.com/undertone-audit/undertone/tensor/internal/vec"
)

// ReLU returns max(0, x), elementwise. Its derivative at 0 is 0. NaN stays NaN.
func (t *Tape) ReLU(x *Tensor) *Tensor {
	y := t.result(x.Shape()...)
	for i, v := range x.data {
		y.data[i] = max(v, 0)
	}
	t.record(reluBackward, y, x, nil, nil)
	return y
}

func reluBackward(t *Tape, n *node) {
	kernel.ReLUBackward(n.grad, n.out.data)
	t.pass(n, n.a)
}

// Tanh returns the hyperbolic tangent of x, elementwise.
func (t *Tape) Tanh(x *Tensor) *Tensor {
	y := t.result(x.Shape()...)
	vec.Tanh(y.data, x.data)
	t.record(tanhBackward, y, x, nil, nil)
	return y
}

func tanhBackward(t *Tape, n *node) {
	for i, y := range n.out.data {
		n.grad[i] *= 1 - y*y
	}
	t.pass(n, n.a)
}

// GELU returns the Gaussian error linear unit x·Φ(x), elementwise, where Φ is the distribution
// function of the standard normal (Hendrycks & Gimpel 2016). It is the exact form, which BERT uses.
func (t *Tape) GELU(x *Tensor) *Tensor {
	y := t.result(x.Shape()...)
	vec.GELU(y.data, x.data)
	t.record(geluBackward, y, x, nil, nil)
	return y
}

func geluBackward(t *Tape, n *node) {
	vec.GELUBackward(n.grad, n.a.data)
	t.pass(n, n.a)
}

// GELUTanh returns 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), elementwise: the approximation of
// [Tape.GELU] in the same paper, which GPT-2 uses. It is much faster.
func (t *Tape) GELUTanh(x *Tensor) *Tensor {
	y := t.result(x.Shape()...)
	kernel.GELU(y.data, x.data)
	t.record(geluTanhBackward, y, x, nil, nil)
	return y
}

func geluTanhBackward(t *Tape, n *node) {
	kernel.GELUBackward(n.grad, n.a.data)
	t.pass(n, n.a)
}

// SiLU returns x·σ(x), elementwise, where σ is the logistic function (Elfwing et al. 2017). Another
// name is swish.
func (t *Tape) SiLU(x *Tensor) *Tensor {
	y := t.result(x.Shape()...)
	kernel.SiLU(y.data, x.data)
	t.record(siluBackward, y, x, nil, nil)
	return y
}

func siluBackward(t *Tape, n *node) {
	kernel.SiLUBackward(n.grad, n.a.data)
	t.pass(n, n.a)
}

// SwiGLU returns SiLU(gate)·up, elementwise: the gated unit of Shazeer 2020 on x·W and x·V. gate
// and up have the same shape.
func (t *Tape) SwiGLU(gate, up *Tensor) *Tensor {
	wantSame("SwiGLU", gate, up)
	y := t.result(gate.Shape()...)
	kernel.SiLU(y.data, gate.data)
	kernel.Mul(y.data, up.data)
	t.record(swigluBackward, y, gate, up, nil)
	return y
}

func swigluBackward(t *Tape, n *node) {
	if gate := n.a; t.id(n.b) != untracked {
		dup := t.borrow(len(n.grad))
		kernel.SiLU(dup, gate.data)
		kernel.Mul(dup, n.grad)
		t.add(n.b, dup)
		t.giveBack(dup)
	}
	kernel.Mul(n.grad, n.b.data)
	kernel.SiLUBackward(n.grad, n.a.data)
	t.pass(n, n.a)
}

// GEGLU returns GELUTanh(gate)·up, elementwise: [Tape.SwiGLU] with the activation of Gemma.
func (t *Tape) GEGLU(gate, up *Tensor) *Tensor {
	wantSame("GEGLU", gate, up)
	y := t.result(gate.Shape()...)
	kernel.GELU(y.data, gate.data)
	kernel.Mul(y.data, up.data)
	t.record(gegluBackward, y, gate, up, nil)
	return y
}

func gegluBackward(t *Tape, n *node) {
	if gate := n.a; t.id(n.b) != untracked {
		dup := t.borrow(len(n.grad))
		kernel.GELU(dup, gate.data)
		kernel.Mul(dup, n.grad)
		t.add(n.b, dup)
		t.giveBack(dup)
	}
	kernel.Mul(n.grad, n.b.data)
	kernel.GELUBackward(n.grad, n.a.data)
	t.pass(n, n.a)
}
