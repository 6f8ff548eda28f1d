package tensor

import "github.com/undertone-audit/undertone/tensor/internal/kernel"

// LayerNorm returns (x − mean)/√(variance + epsilon)·gain + bias for every row, with the mean and
// the biased variance of the row (Ba, Kiros & Hinton 2016). x is [... n], gain and bias are [n].
func (t *Tape) LayerNorm(x, gain, bias *Tensor, epsilon float32) *Tensor {
	rows, cols := matrix("LayerNorm", x)
	wantVector("LayerNorm", "gain", gain, cols)
	wantVector("LayerNorm", "bias", bias, cols)
	y := t.result(x.Shape()...)
	n := t.record(layerNormBackward, y, x, gain, bias)
	if n != nil {
		n.saved = t.arena.floats(2 * rows)
	}
	for i := range rows {
		at := i * cols
		mean, scale := kernel.LayerNorm(y.data[at:at+cols], x.data[at:at+cols], gain.data, bias.data, epsilon)
		if n != nil {
			n.saved[2*i], n.saved[2*i+1] = mean, scale
		}
	}
	return y
}

func layerNormBackward(t *Tape, n *node) {
	gain, bias := n.b, n.c
	cols := len(gain.data)
	sums := t.borrow(2 * cols)
	clear(sums)
	dgain, dbias := sums[:cols], sums[cols:]
	for i := 0; 2*i < len(n.saved); i++ {
		at := i * cols
		kernel.LayerNormBackward(n.grad[at:at+cols], n.a.data[at:at+cols], gain.data, dgain, dbias, n.saved[2*i], n.saved[2*i+1])
	}
	t.add(gain, dgain)
	t.add(bias, dbias)
	t.giveBack(sums)
	t.pass(n, n.a)
}

// RMSNorm returns x/√(mean of x² + epsilon)·gain for every row (Zhang & Sennrich
// 2019). x is [... n], gain is [n].
func (t *Tape) RMSNorm(x, gain *Tensor, epsilon float32) *Tensor {
	rows, cols := matrix("RMSNorm", x)
	wantVector("RMSNorm", "gain", gain, cols)
	y := t.result(x.Shape()...)
	n := t.record(rmsNormBackward, y, x, gain, nil)
	if n != nil {
		n.saved = t.arena.floats(rows)
	}
	for i := range rows {
		at := i * cols
		scale := kernel.RMSNorm(y.data[at:at+cols], x.data[at:at+cols], gain.data, epsilon)
		if n != nil {
			n.saved[i] = scale
		}
	}
	return y
}

func rmsNormBackward(t *Tape, n *node) {
	gain := n.b
	cols := len(gain.data)
	dgain := t.borrow(cols)
	clear(dgain)
	for i, scale := range n.saved {
		at := i * cols
		kernel.RMSNormBackward(n.grad[at:at+cols], n.a.data[at:at+cols], gain.data, dgain, scale)
	}
	t.add(gain, dgain)
	t.giveBack(dgain)
	t.pass(n, n.a)
}
