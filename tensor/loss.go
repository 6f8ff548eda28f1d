package tensor

import (
	"math"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// Ignore is the target of a row that [Tape.CrossEntropy] skips.
const Ignore = -1

// CrossEntropy returns −mean log softmax(logits)[target] over the rows whose target is not
// [Ignore], in nats, as a scalar; 0 if there is no such row. logits is [... n] with len(targets)
// rows, and a target is in [0, n).
func (t *Tape) CrossEntropy(logits *Tensor, targets []int32) *Tensor {
	rows, cols := matrix("CrossEntropy", logits)
	if len(targets) != rows {
		misuse("CrossEntropy", "%d targets for logits of shape %v", len(targets), logits.Shape())
	}
	counted := 0
	for i, target := range targets {
		if target < Ignore || int(target) >= cols {
			misuse("CrossEntropy", "target %d of row %d is not in [0, %d)", target, i, cols)
		}
		if target != Ignore {
			counted++
		}
	}
	d := t.lossGrad(logits)
	scale := 1 / float32(max(counted, 1))
	var total float64
	for i, target := range targets {
		row := d.row(i)
		if target == Ignore {
			clear(row)
			continue
		}
		total += float64(kernel.CrossEntropy(row, logits.data[i*cols:(i+1)*cols], int(target), scale))
	}
	return t.loss(logits, d, total/float64(max(counted, 1)))
}

// SoftCrossEntropy returns −mean Σ p·log softmax(logits) over the rows, in nats, as a scalar.
// logits and p have the same shape [... n]. The rows of p are probabilities that sum to 1; no
// gradient flows into them.
func (t *Tape) SoftCrossEntropy(logits, p *Tensor) *Tensor {
	return t.softLoss("SoftCrossEntropy", logits, p, false)
}

// KL returns the Kullback–Leibler divergence, mean Σ p·(log p − log softmax(logits)) over the rows,
// in nats, as a scalar. It is [Tape.SoftCrossEntropy] less the entropy of p, with the same
// gradient, so training needs only the former. 0·log 0 is 0.
func (t *Tape) KL(logits, p *Tensor) *Tensor { return t.softLoss("KL", logits, p, true) }

func (t *Tape) softLoss(op string, logits, p *Tensor, lessEntropy bool) *Tensor {
	wantSame(op, logits, p)
	rows, cols := matrix(op, logits)
	d := t.lossGrad(logits)
	scale := 1 / float32(max(rows, 1))
	var total float64
	for i := range rows {
		target := p.data[i*cols : (i+1)*cols]
		total += float64(kernel.SoftCrossEntropy(d.row(i), logits.data[i*cols:(i+1)*cols], target, scale))
		if lessEntropy {
			total -= entropy(target)
		}
	}
	return t.loss(logits, d, total/float64(max(rows, 1)))
}

// entropy returns −Σ p·log p in nats.
func entropy(p []float32) (sum float64) {
	for _, v := range p {
		if v != 0 {
			sum -= float64(v) * math.Log(float64(v))
		}
	}
	return sum
}

// lossGradient holds the gradient of a loss by its logits, which Backward only scales. If no
// gradient is needed, all rows use the memory of one.
type lossGradient struct {
	data []float32
	cols int
	step int // cols, or 0 if the rows are not kept
}

func (d lossGradient) row(i int) []float32 { return d.data[i*d.step : i*d.step+d.cols] }

func (t *Tape) lossGrad(logits *Tensor) lossGradient {
	cols := logits.dims[logits.rank-1]
	switch {
	case t == nil:
		return lossGradient{make([]float32, cols), cols, 0}
	case t.id(logits) == untracked:
		return lossGradient{t.arena.floats(cols), cols, 0}
	}
	return lossGradient{t.arena.floats(len(logits.data)), cols, cols}
}

func (t *Tape) loss(logits *Tensor, d lossGradient, value float64) *Tensor {
	y := t.result()
	y.data[0] = float32(value)
	if n := t.record(lossBackward, y, logits, nil, nil); n != nil {
		n.saved = d.data
	}
	return y
}

func lossBackward(t *Tape, n *node) {
	g := n.grad[0]
	if dx, beta := t.gradOf(n.a); beta != 0 {
		kernel.Axpy(dx, n.saved, g)
	} else {
		copy(dx, n.saved)
		kernel.Scale(dx, g)
	}
}
