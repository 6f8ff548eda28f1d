package tensor

import "github.com/undertone-audit/undertone/tensor/internal/kernel"

// gradOf returns the sum of gradients by x and the factor beta of its present content: 0 if nothing
// was written yet and the content is unspecified, otherwise 1. It returns nil if x needs no
// gradient.
func (t *Tape) gradOf(x *Tensor) (g []float32, beta float32) {
	id := t.id(x)
	if id == untracked {
		return nil, 0
	}
	n := &t.nodes[id]
	if n.reached {
		return n.grad, 1
	}
	if n.grad == nil {
		n.grad = t.scratch.get(len(n.out.data))
	}
	n.reached = true
	return n.grad, 0
}

// sumOf is gradOf for operations that only add: the sum starts at zero.
func (t *Tape) sumOf(x *Tensor) []float32 {
	g, beta := t.gradOf(x)
	if beta == 0 {
		clear(g)
	}
	return g
}

// add adds g to the gradient by x, if x needs one.
func (t *Tape) add(x *Tensor, g []float32) {
	switch sum, beta := t.gradOf(x); {
	case sum == nil:
	case beta == 0:
		copy(sum, g)
	default:
		kernel.Add(sum, g)
	}
}

// pass is add for n's own gradient, which the caller has turned in place into the gradient by x.
// Nothing reads it afterwards, so its memory can become x's.
func (t *Tape) pass(n *node, x *Tensor) {
	id := t.id(x)
	if id == untracked {
		return
	}
	if to := &t.nodes[id]; !to.reached && to.grad == nil {
		to.grad, to.reached, n.grad = n.grad, true, nil
		return
	}
	t.add(x, n.grad)
}

// borrow returns n floats of unspecified content. The caller returns them with giveBack before the
// operation ends.
func (t *Tape) borrow(n int) []float32 {
	if t == nil {
		return make([]float32, n)
	}
	return t.scratch.get(n)
}

func (t *Tape) giveBack(buf []float32) {
	if t != nil {
		t.scratch.put(buf)
	}
}

// pool is memory that operations use in turn. The slice that was put last is still in the caches
// and is reused first.
type pool struct{ free [][]float32 }

// get returns n floats of unspecified content.
func (p *pool) get(n int) []float32 {
	best := -1
	for i := len(p.free) - 1; i >= 0; i-- {
		if size := cap(p.free[i]); size >= n && (best < 0 || size < cap(p.free[best])) {
			best = i
		}
	}
	if best < 0 {
		return make([]float32, n)
	}
	buf := p.free[best][:n]
	p.free = append(p.free[:best], p.free[best+1:]...)
	return buf
}

func (p *pool) put(buf []float32) {
	if cap(buf) > 0 {
		p.free = append(p.free, buf)
	}
}
