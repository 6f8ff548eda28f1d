package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// vectorLoop is a loop over slices with assembly.
type vectorLoop struct {
	name     string
	slices   int  // all of one length
	positive bool // the last slice must not be negative
	sum      bool // the error grows with the length
	run      func(s [][]float32) []float32
}

var vectorLoops = []vectorLoop{
	{"add", 2, false, false, func(s [][]float32) []float32 { add(s[0], s[1]); return nil }},
	{"mul", 2, false, false, func(s [][]float32) []float32 { mul(s[0], s[1]); return nil }},
	{"scale", 1, false, false, func(s [][]float32) []float32 { scale(s[0], -1.25); return nil }},
	{"shift", 2, false, false, func(s [][]float32) []float32 { shift(s[0], s[1], 0.3); return nil }},
	{"axpy", 2, false, false, func(s [][]float32) []float32 { axpy(s[0], s[1], 0.7); return nil }},
	{"addReLU", 3, false, false, func(s [][]float32) []float32 { addReLU(s[0], s[1], s[2]); return nil }},
	{"reluBackward", 2, false, false, func(s [][]float32) []float32 { reluBackward(s[0], s[1]); return nil }},
	{"rotate", 4, false, false, func(s [][]float32) []float32 { rotate(s[0], s[1], s[2], s[3]); return nil }},
	{"adam", 4, true, false, func(s [][]float32) []float32 {
		adam(s[0], s[1], s[2], s[3], 0.9, 0.1, 0.999, 0.001, 0.01, 1e-3, 0.99)
		return nil
	}},
	{"exp", 2, false, false, func(s [][]float32) []float32 { exp(s[0], s[1]); return nil }},
	{"expSum", 2, false, true, func(s [][]float32) []float32 { return []float32{expSum(s[0], s[1], 0.4)} }},
	{"silu", 2, false, false, func(s [][]float32) []float32 { silu(s[0], s[1]); return nil }},
	{"siluBackward", 2, false, false, func(s [][]float32) []float32 { siluBackward(s[0], s[1]); return nil }},
	{"gelu", 2, false, false, func(s [][]float32) []float32 { gelu(s[0], s[1]); return nil }},
	{"geluBackward", 2, false, false, func(s [][]float32) []float32 { geluBackward(s[0], s[1]); return nil }},
	{"sum", 1, false, true, func(s [][]float32) []float32 { return []float32{sum(s[0])} }},
	{"dot", 2, false, true, func(s [][]float32) []float32 { return []float32{dot(s[0], s[1])} }},
	{"squares", 1, false, true, func(s [][]float32) []float32 { return []float32{squares(s[0], 0.2)} }},
	{"maximum", 1, false, false, func(s [][]float32) []float32 { return []float32{maximum(s[0])} }},
	{"less", 1, false, false, func(s [][]float32) []float32 { return []float32{less(s[0], 0.2)} }},
	{"normalize", 4, false, false, func(s [][]float32) []float32 { normalize(s[0], s[1], s[2], s[3], 0.1, 1.5); return nil }},
	{"scaleGain", 3, false, false, func(s [][]float32) []float32 { scaleGain(s[0], s[1], s[2], 1.5); return nil }},
	{"normSums", 3, false, true, func(s [][]float32) []float32 {
		a, b := normSums(s[0], s[1], s[2], 0.1, 1.5)
		return []float32{a, b}
	}},
	{"layerNormBackward", 5, false, false, func(s [][]float32) []float32 {
		layerNormBackward(s[0], s[1], s[2], s[3], s[4], 0.1, 1.5, 0.2, -0.3)
		return nil
	}},
	{"rmsNormBackward", 4, false, false, func(s [][]float32) []float32 {
		rmsNormBackward(s[0], s[1], s[2], s[3], 1.5, -0.3)
		return nil
	}},
}

// operands returns slices of n elements in [-2, 2) between guard words, each at its own offset from
// a cache line.
func (l vectorLoop) operands(r *rand.Rand, n int) []*matrix {
	s := make([]*matrix, l.slices)
	for i := range s {
		s[i] = newMatrix(r, false, 1, max(n, 1), 0, r.IntN(17))
		s[i].data = s[i].data[:n]
		for j := range s[i].data {
			s[i].data[j] *= 2
			if l.positive && i == l.slices-1 {
				s[i].data[j] = float32(math.Abs(float64(s[i].data[j])))
			}
		}
	}
	return s
}

// under runs the loop on copies of its operands.
func (l vectorLoop) under(impl Implementation, in []*matrix) (out []*matrix, results []float32) {
	Use(impl)
	var slices [][]float32
	for _, m := range in {
		c := m.clone()
		out = append(out, c)
		slices = append(slices, c.data)
	}
	return out, l.run(slices)
}

// TestVectorLoops compares every implementation with its twin over lengths around the widths of the
// loops, offsets and guard words, and AVX2 with AVX-512 bit for bit.
func TestVectorLoops(t *testing.T) {
	defer Use(Active())
	for _, l := range vectorLoops {
		t.Run(l.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 9))
			for n := range 200 {
				in := l.operands(r, n)
				want, wantResults := l.under(Generic, in)
				var first []*matrix
				var firstResults []float32
				for _, impl := range accelerated() {
					got, results := l.under(impl, in)
					if err := l.close(n, got, want, results, wantResults); err != nil {
						t.Fatalf("%v: n = %d: %v", impl, n, err)
					}
					if first == nil {
						first, firstResults = got, results
					}
					if err := sameBits(got, first, results, firstResults); err != nil {
						t.Fatalf("%v and %v: n = %d: %v", impl, accelerated()[0], n, err)
					}
				}
			}
		})
	}
}

// close compares with the twin: within a few roundings of numbers of the operands' size, or as many
// as a sum has terms.
func (l vectorLoop) close(n int, got, want []*matrix, results, wantResults []float32) error {
	const eps = 0x1p-24
	for i := range got {
		for j, x := range got[i].all {
			y := want[i].all[j]
			same := math.Float32bits(x) == math.Float32bits(y)
			if d := math.Abs(float64(x - y)); !same && !(d <= 8*eps*(4+math.Abs(float64(y)))) {
				return fmt.Errorf("slice %d, element %d of %d is %v, the twin's is %v", i, j-got[i].offset, n, x, y)
			}
		}
	}
	for i, x := range results {
		bound := 8 * eps * math.Abs(float64(wantResults[i]))
		if l.sum {
			bound = eps * float64(n+8) * 64
		}
		if y := wantResults[i]; x != y && !(math.Abs(float64(x-y)) <= bound) {
			return fmt.Errorf("result %d is %v, the twin's is %v", i, x, y)
		}
	}
	return nil
}

func sameBits(a, b []*matrix, ra, rb []float32) error {
	for i := range a {
		if err := a[i].differs(b[i]); err != nil {
			return fmt.Errorf("slice %d: %w", i, err)
		}
	}
	for i := range ra {
		if math.Float32bits(ra[i]) != math.Float32bits(rb[i]) {
			return fmt.Errorf("result %d is %v and %v", i, ra[i], rb[i])
		}
	}
	return nil
}

// TestVectorLoopsSpecialValues compares the positions of NaN and infinities with those of the twin.
func TestVectorLoopsSpecialValues(t *testing.T) {
	defer Use(Active())
	special := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0, float32(math.Copysign(0, -1)), 1e-40, -1e-40, 1e18, -1e18}
	for _, l := range vectorLoops {
		t.Run(l.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(2, 9))
			for range 300 {
				n := 1 + r.IntN(100)
				in := l.operands(r, n)
				for range 1 + r.IntN(4) {
					in[r.IntN(l.slices)].data[r.IntN(n)] = special[r.IntN(len(special))]
				}
				want, wantResults := l.under(Generic, in)
				for _, impl := range accelerated() {
					got, results := l.under(impl, in)
					for i := range got {
						for j, x := range got[i].all {
							if y := want[i].all[j]; class(x) != class(y) {
								t.Fatalf("%v: slice %d, element %d of %d is %v, the twin's is %v", impl, i, j-got[i].offset, n, x, y)
							}
						}
					}
					for i, x := range results {
						if y := wantResults[i]; class(x) != class(y) {
							t.Fatalf("%v: result %d is %v, the twin's is %v", impl, i, x, y)
						}
					}
				}
			}
		})
	}
}

func BenchmarkVector(b *testing.B) {
	const n = 4096
	for _, l := range vectorLoops {
		in := l.operands(rand.New(rand.NewPCG(3, 9)), n)
		var slices [][]float32
		for _, m := range in {
			slices = append(slices, m.clone().data)
		}
		for _, impl := range Available() {
			b.Run(fmt.Sprintf("op=%s/n=%d/impl=%v", l.name, n, impl), func(b *testing.B) {
				defer Use(Active())
				Use(impl)
				for b.Loop() {
					copy(slices[0], in[0].data) // otherwise it would become denormal
					l.run(slices)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
			})
		}
	}
}
