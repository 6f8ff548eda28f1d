package tensor

// Linear returns x·w + b for every row of x. x is [... in], w is [in out], b is
// [out] or nil for none; the result is [... out].
func (t *Tape) Linear(x, w, b *Tensor) *Tensor {
	y := t.linear("Linear", x, w, b)
	t.record(linearBackward, y, x, w, b)
	return y
}

// LinearReLU returns max(0, x·w + b): [Tape.Linear] and [Tape.ReLU] in one pass.
func (t *Tape) LinearReLU(x, w, b *Tensor) *Tensor {
	y := t.linear("LinearReLU", x, w, b)
	for i, v := range y.data {
		y.data[i] = max(v, 0)
	}
	t.record(linearReLUBackward, y, x, w, b)
	return y
}

func (t *Tape) linear(op string, x, w, b *Tensor) *Tensor {
	wantRank(op, "w", w, 2)
	rows, in := matrix(op, x)
	if in != w.dims[0] {
		misuse(op, "x is %v, w is %v: %d inputs for %d", x.Shape(), w.Shape(), in, w.dims[0])
	}
	out := w.dims[1]
	shape := x.dims
	shape[x.rank-1] = out
	y := t.result(shape[:x.rank]...)
	var beta float32
	if b != nil {
		wantBias(op, b, out)
		for i := range rows {
			copy(y.data[i*out:(i+1)*out], b.data)
		}
		beta = 1
	}
	gemm(false, false, rows, out, in, x.data, in, w.data, out, beta, y.data, out)
	return y
}

func linearBackward(t *Tape, n *node) { linearGrads(t, n, n.grad.data) }

func linearReLUBackward(t *Tape, n *node) {
	masked := t.arena.floats(len(n.grad.data))
	y := n.out.data[:len(masked)]
	for i, g := range n.grad.data[:len(masked)] {
		masked[i] = where(y[i], g)
	}
	linearGrads(t, n, masked)
}

// linearGrads: dW = xᵀ·g, db = the sum of g's rows, dx = g·Wᵀ.
func linearGrads(t *Tape, n *node, g []float32) {
	x, w, b := n.a, n.b, n.c
	rows, in := matrix("Linear", x)
	out := w.dims[1]
	if dw, beta := t.gradOf(w); dw != nil {
		gemm(true, false, in, out, rows, x.data, in, g, out, beta, dw, out)
	}
	if db := t.sumOf(b); db != nil {
		addRows(db, g)
	}
	if dx, beta := t.gradOf(x); dx != nil {
		gemm(false, true, rows, in, out, g, out, w.data, out, beta, dx, in)
	}
}

// AddBias returns x with b added to every row: x is [... n], b is [n].
func (t *Tape) AddBias(x, b *Tensor) *Tensor {
	_, cols := matrix("AddBias", x)
	wantBias("AddBias", b, cols)
	y := t.result(x.Shape()...)
	for i := 0; i < len(x.data); i += cols {
		row := y.data[i : i+cols]
		for j, v := range x.data[i : i+cols] {
			row[j] = v + b.data[j]
		}
	}
	t.record(addBiasBackward, y, x, b, nil)
	return y
}

func addBiasBackward(t *Tape, n *node) {
	if dx := t.sumOf(n.a); dx != nil {
		addTo(dx, n.grad.data)
	}
	if db := t.sumOf(n.b); db != nil {
		addRows(db, n.grad.data)
	}
}

func wantBias(op string, b *Tensor, n int) {
	if b.rank != 1 || b.dims[0] != n {
		misuse(op, "b has shape %v, want [%d]", b.Shape(), n)
	}
}

// addRows adds the rows of g, each as long as sum, to sum, first to last.
func addRows(sum, g []float32) {
	for cols := len(sum); len(g) > 0; g = g[cols:] {
		addTo(sum, g[:cols])
	}
}

// addTo adds g to sum.
func addTo(sum, g []float32) {
	g = g[:len(sum)]
	for i, v := range g {
		sum[i] += v
	}
}
