package tensor

import "github.com/undertone-audit/undertone/tensor/internal/kernel"

// Softmax returns exp(x)/Σexp(x) over every row: x is [... n].
func (t *Tape) Softmax(x *Tensor) *Tensor {
	rows, cols := matrix("Softmax", x)
	y := t.result(x.Shape()...)
	for i := range rows {
		kernel.Softmax(y.data[i*cols:(i+1)*cols], x.data[i*cols:(i+1)*cols])
	}
	t.record(softmaxBackward, y, x, nil, nil)
	return y
}

func softmaxBackward(t *Tape, n *node) {
	rows, cols := matrix("Softmax", n.out)
	for i := range rows {
		kernel.SoftmaxBackward(n.grad[i*cols:(i+1)*cols], n.out.data[i*cols:(i+1)*cols])
	}
	t.pass(n, n.a)
}

// LogSoftmax returns x − log Σexp(x) over every row: natural logarithms of probabilities. x is [...
// n].
func (t *Tape) LogSoftmax(x *Tensor) *Tensor {
	rows, cols := matrix("LogSoftmax", x)
	y := t.result(x.Shape()...)
	for i := range rows {
		kernel.LogSoftmax(y.data[i*cols:(i+1)*cols], x.data[i*cols:(i+1)*cols])
	}
	t.record(logSoftmaxBackward, y, x, nil, nil)
	return y
}

// logSoftmaxBackward: dx = g − exp(y)·Σg.
func logSoftmaxBackward(t *Tape, n *node) {
	rows, cols := matrix("LogSoftmax", n.out)
	probs := t.borrow(cols)
	for i := range rows {
		g := n.grad[i*cols : (i+1)*cols]
		kernel.Exp(probs, n.out.data[i*cols:(i+1)*cols])
		kernel.Axpy(g, probs, -kernel.Sum(g))
	}
	t.giveBack(probs)
	t.pass(n, n.a)
}
