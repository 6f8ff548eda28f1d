package tensor

import (
	"math"

	"github.com/undertone-audit/undertone/tensor/internal/vec"
)

// Softmax returns exp(x)/Σexp(x) over every row: x is [... n].
func (t *Tape) Softmax(x *Tensor) *Tensor {
	y := t.result(x.Shape()...)
	softmaxRows("Softmax", y.data, x)
	t.record(softmaxBackward, y, x, nil, nil)
	return y
}

// softmaxBackward: dx = y·(g − Σ g·y).
func softmaxBackward(t *Tape, n *node) {
	dx := t.sumOf(n.a)
	_, cols := matrix("Softmax", n.a)
	for at := 0; at < len(dx); at += cols {
		y, g, d := n.out.data[at:at+cols], n.grad.data[at:at+cols], dx[at:at+cols]
		var dot float32
		for j, v := range y {
			dot += v * g[j]
		}
		for j, v := range y {
			d[j] += v * (g[j] - dot)
		}
	}
}

// LogSoftmax returns x − log Σexp(x) over every row: x is [... n]. The result
// are natural logarithms of probabilities.
func (t *Tape) LogSoftmax(x *Tensor) *Tensor {
	rows, cols := matrix("LogSoftmax", x)
	y := t.result(x.Shape()...)
	for i := range rows {
		row, out := x.data[i*cols:(i+1)*cols], y.data[i*cols:(i+1)*cols]
		peak := vec.Max(row)
		logSum := float32(math.Log(vec.ExpSum(out, row, peak)))
		for j, v := range row {
			out[j] = (v - peak) - logSum
		}
	}
	t.record(logSoftmaxBackward, y, x, nil, nil)
	return y
}

// logSoftmaxBackward: dx = g − exp(y)·Σg.
func logSoftmaxBackward(t *Tape, n *node) {
	dx := t.sumOf(n.a)
	_, cols := matrix("LogSoftmax", n.a)
	probs := t.arena.floats(len(dx))
	vec.Exp(probs, n.out.data)
	for at := 0; at < len(dx); at += cols {
		g, d, p := n.grad.data[at:at+cols], dx[at:at+cols], probs[at:at+cols]
		var sum float32
		for _, v := range g {
			sum += v
		}
		for j, v := range g {
			d[j] += v - p[j]*sum
		}
	}
}

// softmaxRows writes the softmax of the rows of x to y.
func softmaxRows(op string, y []float32, x *Tensor) {
	rows, cols := matrix(op, x)
	for i := range rows {
		softmaxRow(y[i*cols:(i+1)*cols], x.data[i*cols:(i+1)*cols])
	}
}

// softmaxRow writes the softmax of x to y and returns log Σexp(x).
func softmaxRow(y, x []float32) float64 {
	peak := vec.Max(x)
	sum := vec.ExpSum(y, x, peak)
	scale := float32(1 / sum)
	for j := range y {
		y[j] *= scale
	}
	return math.Log(sum) + float64(peak)
}
