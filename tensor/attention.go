package tensor

import (
	"math"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// Attention returns softmax(q·kᵀ/√dim)·v for every head (Vaswani et al. 2017). q is [batch queries
// heads dim]; k and v are [batch keys kvHeads dim], where kvHeads divides heads: each head of k and
// v is shared by heads/kvHeads heads of q (grouped-query attention, Ainslie et al. 2023). The
// result has q's shape.
//
// The weights of a few queries are computed at a time, and computed again by Backward, so no memory
// grows with queries·keys.
func (t *Tape) Attention(q, k, v *Tensor) *Tensor {
	return t.attention("Attention", q, k, v, false)
}

// CausalAttention is [Tape.Attention] for queries at the last positions of the keys, which see no
// key after their own position. One query with the keys and values of a text is a step of
// generation.
func (t *Tape) CausalAttention(q, k, v *Tensor) *Tensor {
	return t.attention("CausalAttention", q, k, v, true)
}

func (t *Tape) attention(op string, q, k, v *Tensor, causal bool) *Tensor {
	a := newAttention(op, q, k, v, causal)
	y := t.result(q.Shape()...)
	weights := t.borrow(blockRows * a.keys)
	for i := range a.blocks() {
		b := a.block(i)
		a.weights(weights, b, q, k)
		kernel.Gemm(false, false, b.rows, a.dim, b.keys, 1, weights, b.keys, v.data[b.kv:], a.kvRow, 0, y.data[b.q:], a.qRow)
	}
	t.giveBack(weights)
	if n := t.record(attentionBackward, y, q, k, v); n != nil && causal {
		n.offset = 1
	}
	return y
}

// attentionBackward computes, with weights P, their gradient dP = dY·Vᵀ and the gradient of the
// scores dS = P∘(dP − Σ P∘dP): dV = Pᵀ·dY, dQ = dS·K/√dim, dK = dSᵀ·Q/√dim.
func attentionBackward(t *Tape, n *node) {
	q, k, v := n.a, n.b, n.c
	a := newAttention("Attention", q, k, v, n.offset == 1)
	dq, dk, dv := t.sumOf(q), t.sumOf(k), t.sumOf(v)
	weights, scores := t.borrow(blockRows*a.keys), t.borrow(blockRows*a.keys)
	for i := range a.blocks() {
		b := a.block(i)
		a.weights(weights, b, q, k)
		if dv != nil {
			kernel.Gemm(true, false, b.keys, a.dim, b.rows, 1, weights, b.keys, n.grad[b.q:], a.qRow, 1, dv[b.kv:], a.kvRow)
		}
		kernel.Gemm(false, true, b.rows, b.keys, a.dim, a.scale, n.grad[b.q:], a.qRow, v.data[b.kv:], a.kvRow, 0, scores, b.keys)
		for r := range b.rows {
			kernel.SoftmaxBackward(scores[r*b.keys:(r+1)*b.keys], weights[r*b.keys:(r+1)*b.keys])
		}
		if dq != nil {
			kernel.Gemm(false, false, b.rows, a.dim, b.keys, 1, scores, b.keys, k.data[b.kv:], a.kvRow, 1, dq[b.q:], a.qRow)
		}
		if dk != nil {
			kernel.Gemm(true, false, b.keys, a.dim, b.rows, 1, scores, b.keys, q.data[b.q:], a.qRow, 1, dk[b.kv:], a.kvRow)
		}
	}
	t.giveBack(weights)
	t.giveBack(scores)
}

// blockRows is the number of queries whose weights are in memory at a time.
const blockRows = 32

// attention divides the work into blocks of queries of one head.
type attention struct {
	batch, queries, keys, heads, group, dim int

	qRow, kvRow int // elements from one token to the next
	causal      bool
	scale       float32
}

// block is a part of the work: rows of weights for the first keys. Queries and their results start
// at q, keys and values at kv.
type block struct{ q, kv, rows, keys int }

func newAttention(op string, q, k, v *Tensor, causal bool) attention {
	wantRank(op, "q", q, 4)
	wantRank(op, "k", k, 4)
	wantSame(op, k, v)
	a := attention{batch: q.dims[0], queries: q.dims[1], heads: q.dims[2], dim: q.dims[3], keys: k.dims[1], causal: causal}
	kvHeads := k.dims[2]
	if k.dims[0] != a.batch || k.dims[3] != a.dim || kvHeads == 0 || a.heads%kvHeads != 0 {
		misuse(op, "q of shape %v does not fit k of shape %v", q.Shape(), k.Shape())
	}
	if causal && a.queries > a.keys || a.queries > 0 && a.keys == 0 {
		misuse(op, "%d queries for %d keys", a.queries, a.keys)
	}
	a.group = a.heads / kvHeads
	a.qRow, a.kvRow = a.heads*a.dim, kvHeads*a.dim
	a.scale = float32(1 / math.Sqrt(float64(a.dim)))
	return a
}

func (a *attention) perHead() int { return (a.queries + blockRows - 1) / blockRows }

func (a *attention) blocks() int { return a.batch * a.heads * a.perHead() }

func (a *attention) block(i int) block {
	first := i % a.perHead() * blockRows
	head := i / a.perHead() % a.heads
	batch := i / a.perHead() / a.heads
	b := block{
		q:    (batch*a.queries+first)*a.qRow + head*a.dim,
		kv:   batch*a.keys*a.kvRow + head/a.group*a.dim,
		rows: min(blockRows, a.queries-first),
		keys: a.keys,
	}
	if a.causal {
		b.keys = a.keys - a.queries + first + b.rows
	}
	return b
}

// weights computes softmax(q·kᵀ/√dim) of a block, [rows keys]. It is 0 where a query does not see a
// key.
func (a *attention) weights(to []float32, b block, q, k *Tensor) {
	kernel.Gemm(false, true, b.rows, b.keys, a.dim, a.scale, q.data[b.q:], a.qRow, k.data[b.kv:], a.kvRow, 0, to, b.keys)
	for r := range b.rows {
		row, sees := to[r*b.keys:(r+1)*b.keys], b.keys
		if a.causal {
			sees -= b.rows - 1 - r
		}
		kernel.Softmax(row[:sees], row[:sees])
		clear(row[sees:])
	}
}
