package nn

import "github.com/undertone-audit/undertone/tensor"

// Cache holds the keys and values of one sequence, so that its next tokens cost no
// more than themselves. The zero value is an empty sequence. Attention layers
// have one each.
type Cache struct{ keys, values []float32 } // [tokens kvHeads dim]

// Extend is [Attention.Forward] for the tokens that come after those in the caches, one
// cache for each sequence of x [batch tokens dim], and adds them there. Sequences may be
// of different lengths. It is for evaluation: no gradient flows into what a cache holds.
func (a *Attention) Extend(t *tensor.Tape, x *tensor.Tensor, caches []*Cache) *tensor.Tensor {
	if len(caches) != x.Dim(0) {
		misuse("Extend", "%d caches for x of shape %v", len(caches), x.Shape())
	}
	q := split(t, a.Query.Forward(t, x), a.Heads)   // [batch tokens heads dim/heads]
	k := split(t, a.Key.Forward(t, x), a.KVHeads)   // [batch tokens kvHeads dim/heads]
	v := split(t, a.Value.Forward(t, x), a.KVHeads) // [batch tokens kvHeads dim/heads]
	tokens, row := x.Dim(1), k.Dim(2)*k.Dim(3)
	if a.Rotary != nil {
		positions := make([]int32, 0, len(caches)*tokens)
		for _, c := range caches {
			for i := range tokens {
				positions = append(positions, int32(len(c.keys)/row+i))
			}
		}
		q, k = t.RoPE(q, a.Rotary, positions), t.RoPE(k, a.Rotary, positions)
	}
	y := tensor.New(x.Dim(0), tokens, q.Dim(2)*q.Dim(3))
	for i, c := range caches {
		c.keys = append(c.keys, t.Rows(k, i, i+1).Data()...)
		c.values = append(c.values, t.Rows(v, i, i+1).Data()...)
		seen := len(c.keys) / row
		keys := tensor.FromSlice(c.keys, 1, seen, k.Dim(2), k.Dim(3))
		values := tensor.FromSlice(c.values, 1, seen, k.Dim(2), k.Dim(3))
		copy(t.Rows(y, i, i+1).Data(), t.CausalAttention(t.Rows(q, i, i+1), keys, values).Data())
	}
	return a.Output.Forward(t, y)
}
