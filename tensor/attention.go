package tensor

import (
	"math"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
	"github.com/undertone-audit/undertone/tensor/internal/vec"
)

// Attention returns softmax(q·kᵀ/√dim)·v for every head (Vaswani et al. 2017). q is [batch queries
// heads dim]; k and v are [batch keys kvHeads dim], where kvHeads divides heads: each head of k and
// v is shared by heads/kvHeads heads of q (grouped-query attention, Ainslie et al. 2023). The
// result has q's shape.
//
// The weights of a few queries are computed at a time, and computed again by Backward, so no memory
// grows with queries·keys.
func (t *Tape) Attention(q, k, v *Tensor) *Tensor {
	return t.attention("Attention", q, k, v, AttentionOptions{})
}

// CausalAttention is [Tape.Attention] for queries at the last positions of the keys, which see no
// key after their own position. One query with the keys and values of a text is a step of
// generation.
func (t *Tape) CausalAttention(q, k, v *Tensor) *Tensor {
	return t.attention("CausalAttention", q, k, v, AttentionOptions{Causal: true})
}

// AttentionOptions are the differences between forms of attention. The zero value is that of
// [Tape.Attention].
type AttentionOptions struct {
	Causal  bool    // as in [Tape.CausalAttention]
	Scale   float32 // factor of q·kᵀ (default 1/√dim)
	Softcap float32 // a score s becomes Softcap·tanh(s/Softcap) (Gemma 2), > 0 (default none)
	Window  int     // a query sees the last Window keys up to its own (Beltagy et al. 2020), >= 1 (default all); needs Causal
}

// AttentionWith is [Tape.Attention] with options.
func (t *Tape) AttentionWith(q, k, v *Tensor, o AttentionOptions) *Tensor {
	return t.attention("AttentionWith", q, k, v, o)
}

func (t *Tape) attention(op string, q, k, v *Tensor, o AttentionOptions) *Tensor {
	a := newAttention(op, q, k, v, o)
	y := t.result(q.Shape()...)
	weights := t.borrow(blockRows * a.keys)
	for i := range a.blocks() {
		b := a.block(i)
		a.weights(weights, nil, b, q, k)
		kernel.Gemm(false, false, b.rows, a.dim, b.keys, 1, weights, b.keys, v.data[b.kv:], a.kvRow, 0, y.data[b.q:], a.qRow)
	}
	t.giveBack(weights)
	if n := t.record(attentionBackward, y, q, k, v); n != nil {
		n.attention = o
	}
	return y
}

// attentionBackward computes, with weights P, their gradient dP = dY·Vᵀ and the gradient of the
// scores dS = P∘(dP − Σ P∘dP): dV = Pᵀ·dY, dQ = dS·K·scale, dK = dSᵀ·Q·scale. A softcap multiplies
// dS by the derivative 1 − tanh² of its scores.
func attentionBackward(t *Tape, n *node) {
	q, k, v := n.a, n.b, n.c
	a := newAttention("Attention", q, k, v, n.attention)
	dq, dk, dv := t.sumOf(q), t.sumOf(k), t.sumOf(v)
	weights, scores := t.borrow(blockRows*a.keys), t.borrow(blockRows*a.keys)
	var slopes []float32
	if a.softcap != 0 {
		slopes = t.borrow(blockRows * a.keys)
	}
	for i := range a.blocks() {
		b := a.block(i)
		a.weights(weights, slopes, b, q, k)
		if dv != nil {
			kernel.Gemm(true, false, b.keys, a.dim, b.rows, 1, weights, b.keys, n.grad[b.q:], a.qRow, 1, dv[b.kv:], a.kvRow)
		}
		kernel.Gemm(false, true, b.rows, b.keys, a.dim, a.scale, n.grad[b.q:], a.qRow, v.data[b.kv:], a.kvRow, 0, scores, b.keys)
		for r := range b.rows {
			kernel.SoftmaxBackward(scores[r*b.keys:(r+1)*b.keys], weights[r*b.keys:(r+1)*b.keys])
		}
		if slopes != nil {
			kernel.Mul(scores[:b.rows*b.keys], slopes[:b.rows*b.keys])
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
	if slopes != nil {
		t.giveBack(slopes)
	}
}

// blockRows is the number of queries whose weights are in memory at a time.
const blockRows = 32

// attention divides the work into blocks of queries of one head.
type attention struct {
	batch, queries, keys, heads, group, dim int

	qRow, kvRow    int // elements from one token to the next
	causal         bool
	scale, softcap float32
	window         int // at most keys
}

// block is a part of the work: rows of weights for some keys. Queries and their results start at q,
// keys and values at kv. With a causal mask the last row is at the position of the last key. The
// compiler keeps a struct of at most 4 fields in registers; a fifth field costs 1 % of the forward
// pass of a small model.
type block struct{ q, kv, rows, keys int }

func newAttention(op string, q, k, v *Tensor, o AttentionOptions) attention {
	wantRank(op, "q", q, 4)
	wantRank(op, "k", k, 4)
	wantSame(op, k, v)
	a := attention{
		batch: q.dims[0], queries: q.dims[1], heads: q.dims[2], dim: q.dims[3], keys: k.dims[1],
		causal: o.Causal, scale: o.Scale, softcap: o.Softcap, window: o.Window,
	}
	kvHeads := k.dims[2]
	if k.dims[0] != a.batch || k.dims[3] != a.dim || kvHeads == 0 || a.heads%kvHeads != 0 {
		misuse(op, "q of shape %v does not fit k of shape %v", q.Shape(), k.Shape())
	}
	if a.causal && a.queries > a.keys || a.queries > 0 && a.keys == 0 {
		misuse(op, "%d queries for %d keys", a.queries, a.keys)
	}
	if o.Window < 0 || o.Window > 0 && !o.Causal || !(o.Softcap >= 0) || o.Scale != o.Scale {
		misuse(op, "window %d, softcap %v, scale %v, causal %v: want window >= 1 with causal, softcap > 0", o.Window, o.Softcap, o.Scale, o.Causal)
	}
	a.group = a.heads / kvHeads
	a.qRow, a.kvRow = a.heads*a.dim, kvHeads*a.dim
	if a.scale == 0 {
		a.scale = float32(1 / math.Sqrt(float64(a.dim)))
	}
	if a.window == 0 || a.window > a.keys {
		a.window = a.keys
	}
	return a
}

func (a *attention) perHead() int { return (a.queries + blockRows - 1) / blockRows }

func (a *attention) blocks() int { return a.batch * a.heads * a.perHead() }

func (a *attention) block(i int) block {
	per := a.perHead()
	batch := i / per // and head, as one number
	first := (i - batch*per) * blockRows
	head := batch
	batch /= a.heads
	head -= batch * a.heads
	b := block{
		q:    (batch*a.queries+first)*a.qRow + head*a.dim,
		rows: min(blockRows, a.queries-first),
		keys: a.keys,
	}
	from := 0
	if a.causal {
		position := a.keys - a.queries + first
		from = max(0, position-a.window+1)
		b.keys = position + b.rows - from
	}
	b.kv = (batch*a.keys+from)*a.kvRow + head/a.group*a.dim
	return b
}

// weights computes softmax(scale·q·kᵀ) of a block, [rows keys]. It is 0 where a query does not see
// a key. If slopes is not nil, it becomes the derivative of the softcap.
func (a *attention) weights(to, slopes []float32, b block, q, k *Tensor) {
	scale := a.scale
	if a.softcap != 0 {
		scale /= a.softcap
	}
	kernel.Gemm(false, true, b.rows, b.keys, a.dim, scale, q.data[b.q:], a.qRow, k.data[b.kv:], a.kvRow, 0, to, b.keys)
	if a.softcap != 0 {
		softcap(to[:b.rows*b.keys], slopes, a.softcap)
	}
	for r := range b.rows {
		row, from, to := to[r*b.keys:(r+1)*b.keys], 0, b.keys
		if a.causal {
			to += r + 1 - b.rows
			from = max(0, to-a.window)
		}
		kernel.Softmax(row[from:to], row[from:to])
		if from > 0 {
			clear(row[:from])
		}
		clear(row[to:]) // after Softmax: a vector that it reads may overlap, and would wait for the stores
	}
}

// softcap replaces x by most·tanh(x). If slopes is not nil, it becomes 1 − tanh²(x).
func softcap(x, slopes []float32, most float32) {
	vec.Tanh(x, x)
	if slopes != nil {
		for i, v := range x {
			slopes[i] = 1 - v*v
		}
	}
	kernel.Scale(x, most)
}
