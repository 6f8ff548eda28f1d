package tensor

import (
	"math"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// Pairing says which elements of a head a rotary embedding turns together. Each
// form is the other one with the weights of queries and keys permuted.
type Pairing int

// The pairings of the first 2n elements of a head by n frequencies.
const (
	HalfSplit   Pairing = iota // element i with i+n: Llama in Hugging Face's form, GPT-NeoX
	Interleaved                // element 2i with 2i+1: Su et al. 2021, llama2.c
)

// Rotary holds the angles of rotary position embeddings (Su et al. 2021) for
// positions 0, 1, …. It is immutable: any number of tapes can share it.
type Rotary struct {
	cos, sin *Tensor // [positions n]
	pairing  Pairing
}

// RotaryFrequencies returns base^(−2i/dim) for i from 0 to dim/2−1, in radians a
// position: those of the paper for heads of dim elements, where base is 10000.
func RotaryFrequencies(dim int, base float64) []float64 {
	f := make([]float64, dim/2)
	for i := range f {
		f[i] = math.Pow(base, -2*float64(i)/float64(dim))
	}
	return f
}

// NewRotary returns the angles position·frequency of the given number of positions.
func NewRotary(positions int, frequencies []float64, pairing Pairing) *Rotary {
	n := len(frequencies)
	r := &Rotary{New(positions, n), New(positions, n), pairing}
	for p := range positions {
		for i, f := range frequencies {
			sin, cos := math.Sincos(float64(p) * f)
			r.cos.data[p*n+i], r.sin.data[p*n+i] = float32(cos), float32(sin)
		}
	}
	return r
}

// RoPE turns the heads of every token by the angles of its position. x is
// [... tokens heads dim] with dim at least 2n; elements from 2n on stay. There is
// one position for each token of x or, shared by all sequences, for each of a
// sequence; nil means 0, 1, …. The tape keeps positions until Reset.
func (t *Tape) RoPE(x *Tensor, r *Rotary, positions []int32) *Tensor {
	if x.rank < 3 || 2*r.cos.dims[1] > x.dims[x.rank-1] {
		misuse("RoPE", "x has shape %v, want [... tokens heads dim] with dim at least %d", x.Shape(), 2*r.cos.dims[1])
	}
	sequence, tokens := x.dims[x.rank-3], volume(x.dims[:x.rank-2])
	known := r.cos.dims[0]
	switch n := len(positions); {
	case positions == nil && sequence > known:
		misuse("RoPE", "a sequence of %d is longer than the %d positions of the angles", sequence, known)
	case positions != nil && n != tokens && n != sequence:
		misuse("RoPE", "%d positions for x of shape %v", n, x.Shape())
	}
	for i, p := range positions {
		if p < 0 || int(p) >= known {
			misuse("RoPE", "position %d of token %d is not in [0, %d)", p, i, known)
		}
	}
	y := t.copyOf(x)
	r.turn(y.data, x, positions, false)
	if n := t.record(ropeBackward, y, x, nil, nil); n != nil {
		n.rotary, n.ids = r, positions
	}
	return y
}

func ropeBackward(t *Tape, n *node) {
	n.rotary.turn(n.grad, n.out, n.ids, true)
	t.pass(n, n.a)
}

// turn turns the heads in data, which has the shape of x; back turns them by minus the angles.
func (r *Rotary) turn(data []float32, x *Tensor, positions []int32, back bool) {
	n, dim, width := r.cos.dims[1], x.dims[x.rank-1], x.dims[x.rank-1]*x.dims[x.rank-2]
	every := len(positions)
	if positions == nil {
		every = x.dims[x.rank-3]
	}
	for token := 0; len(data) > 0; token, data = token+1, data[width:] {
		at := token % every
		if positions != nil {
			at = int(positions[at])
		}
		cos, sin := r.cos.data[at*n:(at+1)*n], r.sin.data[at*n:(at+1)*n]
		for h := 0; h < width; h += dim {
			head := data[h : h+dim]
			switch {
			case r.pairing == Interleaved:
				turnPairs(head, cos, sin, back)
			case back: // (b, a) turns the other way round
				kernel.Rotate(head[n:2*n], head[:n], cos, sin)
			default:
				kernel.Rotate(head[:n], head[n:2*n], cos, sin)
			}
		}
	}
}

func turnPairs(head, cos, sin []float32, back bool) {
	for i, c := range cos {
		s, a, b := sin[i], head[2*i], head[2*i+1]
		if back {
			s = -s
		}
		head[2*i], head[2*i+1] = a*c-b*s, b*c+a*s
	}
}
