package tensor

// SwapAxes returns a copy of x with dimensions i and j exchanged. Negative dimensions count from
// the last: SwapAxes(x, -2, -1) transposes matrices.
func (t *Tape) SwapAxes(x *Tensor, i, j int) *Tensor {
	i, j = x.axis("SwapAxes", i), x.axis("SwapAxes", j)
	shape := x.dims
	shape[i], shape[j] = shape[j], shape[i]
	y := t.result(shape[:x.rank]...)
	swapAxes(y.data, x.data, x, i, j)
	if n := t.record(swapAxesBackward, y, x, nil, nil); n != nil {
		n.offset = i*MaxRank + j
	}
	return y
}

func swapAxesBackward(t *Tape, n *node) {
	d := t.borrow(len(n.grad))
	swapAxes(d, n.grad, n.out, n.offset/MaxRank, n.offset%MaxRank)
	t.add(n.a, d)
	t.giveBack(d)
}

// swapAxes writes src, which has the shape of x, to dst with axes i and j exchanged. It views them
// as [outer first middle second inner].
func swapAxes(dst, src []float32, x *Tensor, i, j int) {
	i, j = min(i, j), max(i, j)
	first, second := x.dims[i], x.dims[j]
	outer, middle, inner := volume(x.dims[:i]), volume(x.dims[i+1:max(i+1, j)]), volume(x.dims[j+1:x.rank])
	if i == j || len(src) == 0 {
		copy(dst, src)
		return
	}
	for o := range outer {
		for s := range second {
			for m := range middle {
				for f := range first {
					from := (((o*first+f)*middle+m)*second + s) * inner
					copy(dst[:inner], src[from:from+inner])
					dst = dst[inner:]
				}
			}
		}
	}
}
