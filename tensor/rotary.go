package tensor

import (
	"math"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// Pairing names the elements of a head that a rotary embedding rotates together. Each form is the
// other form with the weights of queries and keys permuted.
type Pairing int

// Pairings of the first 2n elements of a head by n frequencies.
const (
	HalfSplit   Pairing = iota // element i with i+n: Llama in the format of Hugging Face, GPT-NeoX
	Interleaved                // element 2i with 2i+1: Su et al. 2021, llama2.c
)

// Rotary holds the angles of rotary position embeddings (Su et al. 2021) for positions 0, 1, …. Any
// number of tapes can share it.
type Rotary struct {
	positions   int
	frequencies []float64
	magnitude   float64
	pairing     Pairing

	growing sync.Mutex
	known   atomic.Pointer[angles] // of the first positions
}

// angles are the angles of positions 0 to len(cos)/n − 1, where n is the number of frequencies.
type angles struct{ cos, sin []float32 } // [positions n]

// RotaryFrequencies returns base^(−2i/dim) for i from 0 to dim/2−1, in radians a position: the
// frequencies of the paper for heads of dim elements, where base is 10000.
func RotaryFrequencies(dim int, base float64) []float64 {
	f := make([]float64, dim/2)
	for i := range f {
		f[i] = math.Pow(base, -2*float64(i)/float64(dim))
	}
	return f
}

// NewRotary returns the angles position·frequency of the given number of positions. They take
// memory only as far as a text needs them.
func NewRotary(positions int, frequencies []float64, pairing Pairing) *Rotary {
	if positions < 0 {
		misuse("NewRotary", "%d positions", positions)
	}
	return &Rotary{positions: positions, frequencies: slices.Clone(frequencies), magnitude: 1, pairing: pairing}
}

// Scaled returns angles that also multiply the rotated elements by a magnitude: the attention
// factor of YaRN (Peng et al. 2023).
func (r *Rotary) Scaled(magnitude float64) *Rotary {
	s := NewRotary(r.positions, r.frequencies, r.pairing)
	s.magnitude = r.magnitude * magnitude
	return s
}

// first returns the angles of at least the first n positions.
func (r *Rotary) first(n int) *angles {
	enough := func(a *angles) bool { return a != nil && len(a.cos) >= n*len(r.frequencies) }
	if a := r.known.Load(); enough(a) {
		return a
	}
	r.growing.Lock()
	defer r.growing.Unlock()
	if a := r.known.Load(); enough(a) {
		return a
	}
	n = min(r.positions, max(64, 1<<bits.Len(uint(n-1))))
	a := &angles{make([]float32, 0, n*len(r.frequencies)), make([]float32, 0, n*len(r.frequencies))}
	for p := range n {
		for _, f := range r.frequencies {
			sin, cos := math.Sincos(float64(p) * f)
			a.cos, a.sin = append(a.cos, float32(r.magnitude*cos)), append(a.sin, float32(r.magnitude*sin))
		}
	}
	r.known.Store(a)
	return a
}

// RoPE rotates the heads of every token by the angles of its position. x is [... tokens heads dim]
// with dim >= 2n; elements from 2n on do not change. positions holds one position for each token of
// x, or for each token of one sequence if all sequences share them; nil means 0, 1, …. The tape
// keeps positions until Reset.
func (t *Tape) RoPE(x *Tensor, r *Rotary, positions []int32) *Tensor {
	if n := len(r.frequencies); x.rank < 3 || 2*n > x.dims[x.rank-1] {
		misuse("RoPE", "x has shape %v, want [... tokens heads dim] with dim at least %d", x.Shape(), 2*n)
	}
	sequence, tokens := x.dims[x.rank-3], volume(x.dims[:x.rank-2])
	known := r.positions
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

// turn rotates the heads in data, which has the shape of x; back rotates them by minus the angles.
func (r *Rotary) turn(data []float32, x *Tensor, positions []int32, back bool) {
	n, dim, width := len(r.frequencies), x.dims[x.rank-1], x.dims[x.rank-1]*x.dims[x.rank-2]
	every, last := len(positions), x.dims[x.rank-3]-1
	if positions == nil {
		every = x.dims[x.rank-3]
	} else if len(positions) > 0 {
		last = int(slices.Max(positions))
	}
	known := r.first(last + 1)
	for token := 0; len(data) > 0; token, data = token+1, data[width:] {
		at := token % every
		if positions != nil {
			at = int(positions[at])
		}
		cos, sin := known.cos[at*n:(at+1)*n], known.sin[at*n:(at+1)*n]
		for h := 0; h < width; h += dim {
			head := data[h : h+dim]
			switch {
			case r.pairing == Interleaved:
				turnPairs(head, cos, sin, back)
			case back: // (b, a) rotates in the other direction
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
