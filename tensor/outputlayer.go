package tensor

import "github.com/undertone-audit/undertone/tensor/internal/kernel"

// OutputLayer is the linear layer before a softmax over many classes, such as the tokens of a
// vocabulary. Exactly one of Weight and Half is set.
type OutputLayer struct {
	Weight *Tensor // [in classes], or [classes in] if Tied
	Tied   bool    // Weight is the table of an embedding
	Half   *Half   // [classes in]

	Softcap float32 // a logit l becomes Softcap·tanh(l/Softcap) (Gemma 2), > 0 (default none)
}

// Blocks of logits have about outputFloats elements, and at least outputRows rows.
const (
	outputFloats = 1 << 20
	outputRows   = 64
)

// LinearCrossEntropy returns [Tape.CrossEntropy] of the logits of x, [rows in]. It computes the
// logits of a few rows at a time, together with their gradients, so no memory grows with
// rows·classes. The tape does not keep targets.
func (t *Tape) LinearCrossEntropy(x *Tensor, o OutputLayer, targets []int32) *Tensor {
	const op = "LinearCrossEntropy"
	in, classes := o.size(op, x, targets)
	counted := 0
	for _, target := range targets {
		if target != Ignore {
			counted++
		}
	}
	scale := 1 / float32(max(counted, 1))
	y := t.result()
	n := t.record(linearCrossEntropyBackward, y, x, o.Weight, nil)
	var dx, dw []float32
	if n != nil {
		dx, dw = t.outputGradients(x, o)
		n.saved = dx[:len(dx)+len(dw)]
		clear(n.saved)
	}
	var slopes []float32 // derivatives of the softcap, of a row
	if o.Softcap != 0 {
		slopes = t.borrow(classes)
	}
	var total float64
	t.outputBlocks(x, o, in, classes, targets, func(b outputBlock) {
		at := 0
		for _, target := range targets[b.from:b.to] {
			if target != Ignore {
				l := b.logits[at*classes : (at+1)*classes]
				if slopes != nil {
					o.slopes(slopes, l)
				}
				total += float64(kernel.CrossEntropy(l, l, int(target), scale))
				if slopes != nil {
					kernel.Mul(l, slopes)
				}
				at++
			}
		}
		if len(dw) > 0 {
			o.addWeightGradient(b.rows, in, classes, b.x, b.logits, dw)
		}
		if len(dx) > 0 {
			o.inputGradient(t, b.rows, in, classes, b.logits, b.x)
			b.scatter(dx, in, targets)
		}
	})
	if slopes != nil {
		t.giveBack(slopes)
	}
	y.data[0] = float32(total / float64(max(counted, 1)))
	return y
}

// slopes sets to to the derivatives of the softcap where it has the given results.
func (o OutputLayer) slopes(to, logits []float32) {
	for i, l := range logits {
		l /= o.Softcap
		to[i] = 1 - l*l
	}
}

// linearCrossEntropyBackward scales the gradients that the forward pass computed.
func linearCrossEntropyBackward(t *Tape, n *node) {
	scale, saved := n.grad[0], n.saved
	for _, x := range []*Tensor{n.a, n.b} {
		switch g, beta := t.gradOf(x); {
		case g == nil:
			continue
		case beta == 0:
			copy(g, saved)
			if scale != 1 {
				kernel.Scale(g, scale)
			}
			saved = saved[len(g):]
		default:
			kernel.Axpy(g, saved[:len(g)], scale)
			saved = saved[len(g):]
		}
	}
}

// LinearLogProbs returns log softmax(logits)[target], in nats, for every row of the logits of x,
// [rows in]; 0 where the target is [Ignore]. It is for evaluation: no gradient flows through it,
// and no memory grows with rows·classes.
func (t *Tape) LinearLogProbs(x *Tensor, o OutputLayer, targets []int32) []float32 {
	logs := make([]float32, len(targets))
	t.EachLogits(x, o, targets, func(row int, logits []float32, norm float32) {
		logs[row] = logits[targets[row]] - norm
	})
	return logs
}

// EachLogits calls visit for every row of x, [rows in], whose target is not [Ignore], in order:
// with its logits, which are valid during the call, and with log Σexp(logits). The log-probability
// of class c, in nats, is logits[c] − norm, with the bits of [Tape.LinearLogProbs]. No gradient
// flows through it, and no memory grows with rows·classes.
func (t *Tape) EachLogits(x *Tensor, o OutputLayer, targets []int32, visit func(row int, logits []float32, norm float32)) {
	in, classes := o.size("EachLogits", x, targets)
	t.outputBlocks(x, o, in, classes, targets, func(b outputBlock) {
		at := 0
		for row := b.from; row < b.to; row++ {
			if targets[row] != Ignore {
				l := b.logits[at*classes : (at+1)*classes]
				visit(row, l, kernel.LogSumExp(l))
				at++
			}
		}
	})
}

// CountLess returns the number of logits that are less than a number. NaN is not less.
func CountLess(logits []float32, than float32) int { return kernel.CountLess(logits, than) }

// LinearLogits returns the logits of x: [rows classes] for x [rows in], with the bits of
// LinearLogProbs for as many rows. It is for evaluation: no gradient flows through it.
func (t *Tape) LinearLogits(x *Tensor, o OutputLayer) *Tensor {
	rows, in := matrix("LinearLogits", x)
	classes := o.classes("LinearLogits", x)
	y := t.result(rows, classes)
	if rows == 0 {
		return y
	}
	o.logits(t, rows, in, classes, x.data, y.data)
	return y
}

// size checks the operands.
func (o OutputLayer) size(op string, x *Tensor, targets []int32) (in, classes int) {
	rows, in := matrix(op, x)
	classes = o.classes(op, x)
	if len(targets) != rows {
		misuse(op, "%d targets for x of shape %v", len(targets), x.Shape())
	}
	for i, target := range targets {
		if target < Ignore || int(target) >= classes {
			misuse(op, "target %d of row %d is not in [0, %d)", target, i, classes)
		}
	}
	return in, classes
}

// classes checks that o fits x and returns the number of logits of a row.
func (o OutputLayer) classes(op string, x *Tensor) int {
	var has, classes int
	switch {
	case (o.Weight == nil) == (o.Half == nil):
		misuse(op, "want exactly one of Weight and Half")
	case !(o.Softcap >= 0):
		misuse(op, "softcap is %v, want more than 0", o.Softcap)
	case o.Half != nil:
		classes, has = o.Half.rows, o.Half.cols
	default:
		wantRank(op, "Weight", o.Weight, 2)
		has, classes = o.Weight.dims[0], o.Weight.dims[1]
		if o.Tied {
			has, classes = classes, has
		}
	}
	if in := x.Dim(-1); has != in {
		misuse(op, "x has shape %v, %d inputs for %d", x.Shape(), in, has)
	}
	return classes
}

// outputGradients returns memory for the gradients that are needed, one after the other.
func (t *Tape) outputGradients(x *Tensor, o OutputLayer) (dx, dw []float32) {
	nx, nw := 0, 0
	if t.id(x) != untracked {
		nx = len(x.data)
	}
	if t.id(o.Weight) != untracked {
		nw = len(o.Weight.data)
	}
	both := t.arena.floats(nx + nw)
	if dx = both[:nx]; nw > 0 {
		dw = both[nx:]
	}
	return dx, dw
}

// outputBlock is the result of the layer for the rows in [from, to) that have a target.
type outputBlock struct {
	from, to int
	rows     int       // with a target
	x        []float32 // copies of the rows, [rows in]
	logits   []float32 // [rows classes]
}

// scatter copies x to the positions of its rows in all.
func (b *outputBlock) scatter(all []float32, in int, targets []int32) {
	at := 0
	for row := b.from; row < b.to; row++ {
		if targets[row] != Ignore {
			copy(all[row*in:(row+1)*in], b.x[at*in:(at+1)*in])
			at++
		}
	}
}

// outputBlocks calls f with blocks of a few rows, whose copies and logits f may change.
func (t *Tape) outputBlocks(x *Tensor, o OutputLayer, in, classes int, targets []int32, f func(outputBlock)) {
	most := max(outputRows, outputFloats/max(classes, 1))
	if o.Half != nil {
		most = max(most, 2*outputRows) // every block converts all of the weights to float32
	}
	most = min(most, len(targets))
	xs, logits := t.borrow(most*in), t.borrow(most*classes)
	b := outputBlock{}
	for row, target := range targets {
		if target != Ignore {
			copy(xs[b.rows*in:], x.data[row*in:(row+1)*in])
			b.rows++
		}
		if b.rows == most || row == len(targets)-1 && b.rows > 0 {
			b.to, b.x, b.logits = row+1, xs[:b.rows*in], logits[:b.rows*classes]
			o.logits(t, b.rows, in, classes, b.x, b.logits)
			f(b)
			b = outputBlock{from: row + 1}
		}
	}
	t.giveBack(xs)
	t.giveBack(logits)
}

func (o OutputLayer) logits(t *Tape, rows, in, classes int, x, y []float32) {
	switch {
	case o.Half != nil:
		o.Half.blocks(t, rows, func(from, to int, w []float32) { multiplyRows(rows, to-from, in, x, w, y[from:], classes) })
	case o.Tied:
		multiplyRows(rows, classes, in, x, o.Weight.data, y, classes)
	default:
		gemm(false, false, rows, classes, in, x, in, o.Weight.data, classes, 0, y, classes)
	}
	if o.Softcap != 0 {
		kernel.Scale(y[:rows*classes], 1/o.Softcap)
		softcap(y[:rows*classes], nil, o.Softcap)
	}
}

// inputGradient computes dx from g, the gradient by the logits.
func (o OutputLayer) inputGradient(t *Tape, rows, in, classes int, g, dx []float32) {
	switch {
	case o.Half != nil:
		beta := float32(0)
		o.Half.blocks(t, rows, func(from, to int, w []float32) {
			gemm(false, false, rows, in, to-from, g[from:], classes, w, in, beta, dx, in)
			beta = 1
		})
	case o.Tied:
		gemm(false, false, rows, in, classes, g, classes, o.Weight.data, in, 0, dx, in)
	default:
		gemm(false, true, rows, in, classes, g, classes, o.Weight.data, classes, 0, dx, in)
	}
}

func (o OutputLayer) addWeightGradient(rows, in, classes int, x, g, dw []float32) {
	if o.Tied {
		gemm(true, false, classes, in, rows, g, classes, x, in, 1, dw, in)
	} else {
		gemm(true, false, in, classes, rows, x, in, g, classes, 1, dw, classes)
	}
}
