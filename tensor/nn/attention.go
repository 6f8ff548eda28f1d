package nn

import (
	"math/rand/v2"

	"github.com/undertone-audit/undertone/tensor"
)

// Attention is causal self-attention: Output(attention(Query(x), Key(x), Value(x))).
type Attention struct {
	// Query, Key and Value map rows to the elements of all heads, Output maps these to rows.
	Query, Key, Value, Output Layer

	// QueryNorm and KeyNorm act on every head before rotation (Dehghani et al. 2023, as in Qwen3);
	// nil for none.
	QueryNorm, KeyNorm Layer

	Heads   int            // of Query
	KVHeads int            // of Key and Value; divides Heads
	Rotary  *tensor.Rotary // rotates queries and keys; nil if x contains the positions
}

// Mixer computes what queries see: q is [batch tokens heads dim/heads], k and v are [batch tokens
// kvHeads dim/heads], the result has q's shape.
type Mixer interface {
	// Mix returns the result for q, k and v.
	Mix(t *tensor.Tape, q, k, v *tensor.Tensor) *tensor.Tensor
}

// Causal is the [Mixer] of training: every token sees its sequence up to itself.
type Causal struct{}

// Mix implements [Mixer].
func (Causal) Mix(t *tensor.Tape, q, k, v *tensor.Tensor) *tensor.Tensor {
	return t.CausalAttention(q, k, v)
}

// NewAttention returns attention over rows of dim elements with heads of dim/heads, with layers
// made by [NewProjection]. If kvHeads is heads, it is the multi-head attention of Vaswani et al.
// 2017. It panics unless heads divides dim and kvHeads divides heads.
func NewAttention(rng *rand.Rand, dim, heads, kvHeads int) *Attention {
	if heads < 1 || kvHeads < 1 || dim%heads != 0 || heads%kvHeads != 0 {
		misuse("NewAttention", "%d heads, %d of keys and values, do not divide %d elements", heads, kvHeads, dim)
	}
	kv := dim / heads * kvHeads
	return &Attention{
		Query: NewProjection(rng, dim, dim), Key: NewProjection(rng, dim, kv), Value: NewProjection(rng, dim, kv),
		Output: NewProjection(rng, dim, dim), Heads: heads, KVHeads: kvHeads,
	}
}

// Params implements [Module].
func (a *Attention) Params() []*tensor.Tensor {
	params := Params(a.Query, a.Key, a.Value, a.Output)
	for _, norm := range []Layer{a.QueryNorm, a.KeyNorm} {
		if norm != nil {
			params = append(params, norm.Params()...)
		}
	}
	return params
}

// Forward implements [Layer]. x is [batch tokens dim]; the tokens of a sequence are at positions 0,
// 1, ….
func (a *Attention) Forward(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor {
	return a.Attend(t, x, nil, Causal{})
}

// Attend is [Attention.Forward] for tokens at the given positions (see [tensor.Tape.RoPE]); mixer
// computes what they see. A mixer that keeps keys and values extends a text at the cost of its new
// tokens.
func (a *Attention) Attend(t *tensor.Tape, x *tensor.Tensor, positions []int32, mixer Mixer) *tensor.Tensor {
	q := split(t, a.Query.Forward(t, x), a.Heads)   // [batch tokens heads dim/heads]
	k := split(t, a.Key.Forward(t, x), a.KVHeads)   // [batch tokens kvHeads dim/heads]
	v := split(t, a.Value.Forward(t, x), a.KVHeads) // [batch tokens kvHeads dim/heads]
	if a.QueryNorm != nil {
		q = a.QueryNorm.Forward(t, q)
	}
	if a.KeyNorm != nil {
		k = a.KeyNorm.Forward(t, k)
	}
	if a.Rotary != nil {
		q, k = t.RoPE(q, a.Rotary, positions), t.RoPE(k, a.Rotary, positions)
	}
	y := mixer.Mix(t, q, k, v)
	return a.Output.Forward(t, t.Reshape(y, x.Dim(0), x.Dim(1), y.Dim(2)*y.Dim(3)))
}

// split views rows as heads side by side.
func split(t *tensor.Tape, x *tensor.Tensor, heads int) *tensor.Tensor {
	return t.Reshape(x, x.Dim(0), x.Dim(1), heads, x.Dim(2)/heads)
}
