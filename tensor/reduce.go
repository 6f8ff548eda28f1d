package tensor

// Sum returns the sum of all elements as a scalar, summed in float64.
func (t *Tape) Sum(x *Tensor) *Tensor { return t.reduce(x, 1) }

// Mean returns the mean of all elements as a scalar, summed in float64. It panics if x is empty.
func (t *Tape) Mean(x *Tensor) *Tensor {
	if len(x.data) == 0 {
		misuse("Mean", "shape %v has no elements", x.Shape())
	}
	return t.reduce(x, 1/float64(len(x.data)))
}

func (t *Tape) reduce(x *Tensor, scale float64) *Tensor {
	var sum float64
	for _, v := range x.data {
		sum += float64(v)
	}
	y := t.result()
	y.data[0] = float32(sum * scale)
	if n := t.record(reduceBackward, y, x, nil, nil); n != nil {
		n.scale = float32(scale)
	}
	return y
}

func reduceBackward(t *Tape, n *node) {
	g := n.grad[0] * n.scale
	dx := t.sumOf(n.a)
	for i := range dx {
		dx[i] += g
	}
}
