package tensor

import "github.com/undertone-audit/undertone/tensor/internal/kernel"

// Add returns a + b, elementwise. The operands have the same shape.
func (t *Tape) Add(a, b *Tensor) *Tensor {
	wantSame("Add", a, b)
	y := t.copyOf(a)
	kernel.Add(y.data, b.data)
	t.record(addBackward, y, a, b, nil)
	return y
}

func addBackward(t *Tape, n *node) {
	t.add(n.b, n.grad)
	t.pass(n, n.a)
}

// Mul returns a·b, elementwise. The operands have the same shape.
func (t *Tape) Mul(a, b *Tensor) *Tensor {
	wantSame("Mul", a, b)
	y := t.copyOf(a)
	kernel.Mul(y.data, b.data)
	t.record(mulBackward, y, a, b, nil)
	return y
}

func mulBackward(t *Tape, n *node) {
	if t.id(n.b) != untracked {
		db := t.borrow(len(n.grad))
		copy(db, n.grad)
		kernel.Mul(db, n.a.data)
		t.add(n.b, db)
		t.giveBack(db)
	}
	kernel.Mul(n.grad, n.b.data)
	t.pass(n, n.a)
}

// Scale returns c·x.
func (t *Tape) Scale(x *Tensor, c float32) *Tensor {
	y := t.copyOf(x)
	kernel.Scale(y.data, c)
	if n := t.record(scaleBackward, y, x, nil, nil); n != nil {
		n.scale = c
	}
	return y
}

func scaleBackward(t *Tape, n *node) {
	kernel.Scale(n.grad, n.scale)
	t.pass(n, n.a)
}

// AddConstant returns x + c, elementwise.
func (t *Tape) AddConstant(x *Tensor, c float32) *Tensor {
	y := t.result(x.Shape()...)
	for i, v := range x.data {
		y.data[i] = v + c
	}
	t.record(addConstantBackward, y, x, nil, nil)
	return y
}

func addConstantBackward(t *Tape, n *node) { t.pass(n, n.a) }

// copyOf returns a copy of the elements of x, which an operation changes in place.
func (t *Tape) copyOf(x *Tensor) *Tensor {
	y := t.result(x.Shape()...)
	copy(y.data, x.data)
	return y
}
