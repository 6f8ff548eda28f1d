package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestRoPEKnown: (1, 0) at position p becomes (cos pθ, sin pθ) in its own pair, with both pairings;
// the frequencies of dim 4 and base 100 are 1 and 1/10.
func TestRoPEKnown(t *testing.T) {
	f := RotaryFrequencies(4, 100)
	if !near(float32(f[0]), 1, 1e-7) || !near(float32(f[1]), 0.1, 1e-7) {
		t.Fatalf("frequencies are %v, want 1 and 0.1", f)
	}
	x := FromSlice([]float32{1, 0, 0, 0, 9, 0, 1, 0, 0, 9}, 1, 2, 1, 5) // the fifth element does not change
	for _, c := range []struct {
		pairing  Pairing
		position []int32
		want     []float64
	}{
		{HalfSplit, []int32{3, 0}, []float64{math.Cos(3), 0, math.Sin(3), 0, 9, 0, 1, 0, 0, 9}},
		{HalfSplit, nil, []float64{1, 0, 0, 0, 9, 0, math.Cos(.1), 0, math.Sin(.1), 9}},
		{Interleaved, []int32{3, 7}, []float64{math.Cos(3), math.Sin(3), 0, 0, 9, -math.Sin(7), math.Cos(7), 0, 0, 9}},
	} {
		y := (*Tape)(nil).RoPE(x, NewRotary(8, f, c.pairing), c.position)
		for i, want := range c.want {
			if !near(y.data[i], want, 1e-6) {
				t.Errorf("pairing %d, positions %v: element %d is %v, want %v", c.pairing, c.position, i, y.data[i], want)
			}
		}
	}
}

// TestRoPEIsRelative: the product of a query and a key depends on their distance only.
func TestRoPEIsRelative(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	q, k := Normal(rng, 1, 1, 1, 16), Normal(rng, 1, 1, 1, 16)
	for _, pairing := range []Pairing{HalfSplit, Interleaved} {
		r := NewRotary(200, RotaryFrequencies(16, 10000), pairing)
		product := func(m, n int32) float32 {
			var tape *Tape
			return tape.Sum(tape.Mul(tape.RoPE(q, r, []int32{m}), tape.RoPE(k, r, []int32{n}))).Item()
		}
		if a, b := product(7, 2), product(105, 100); !near(a, float64(b), 1e-5) {
			t.Errorf("pairing %d: distance 5 gives %v at 7 and %v at 105", pairing, a, b)
		}
		if a, b := product(7, 2), product(7, 3); near(a, float64(b), 1e-3) {
			t.Errorf("pairing %d: distances 5 and 4 give %v", pairing, a)
		}
	}
}
