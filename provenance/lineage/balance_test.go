package lineage

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
)

func randomMatrix(rng *rand.Rand, rows, cols int) matrix {
	m := newMatrix(rows, cols)
	for i := range m.data {
		m.data[i] = float32(rng.NormFloat64())
	}
	return m
}

// rescaled multiplies the rows of v by factors from 1e-12 to 1e12, and those of o by the inverse.
func rescaled(v, o matrix) {
	for i := range o.rows {
		f := math.Pow(10, float64(24*(i%v.rows))/float64(v.rows-1)-12)
		for k, x := range o.row(i) {
			o.row(i)[k] = float32(float64(x) / f)
		}
		if i < v.rows {
			for k, x := range v.row(i) {
				v.row(i)[k] = float32(float64(x) * f)
			}
		}
	}
}

// Orthonormal values have the products of the given ones, whatever the scales.
func TestOrthonormal(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	v, o := randomMatrix(rng, 6, 20), randomMatrix(rng, 12, 20)
	var want []matrix
	for g := range 2 {
		want = append(want, o.slice(6*g, 6*g+6).times(v, tensor.TransposeA))
	}
	rescaled(v, o)
	turned, outs := orthonormal(v, o)
	for i, x := range turned.times(turned, tensor.TransposeB).data {
		want := 0.0
		if i%(turned.rows+1) == 0 {
			want = 1
		}
		if math.Abs(float64(x)-want) > 1e-5 {
			t.Errorf("rows %d and %d have the product %g, want %g", i/turned.rows, i%turned.rows, x, want)
		}
	}
	for g := range 2 {
		for i, x := range outs.slice(6*g, 6*g+6).times(turned, tensor.TransposeA).data {
			if math.Abs(float64(x-want[g].data[i])) > 1e-4 {
				t.Fatalf("group %d: element %d of the product is %g, want %g", g, i, x, want[g].data[i])
			}
		}
	}
	wide := randomMatrix(rng, 21, 20)
	if same, _ := orthonormal(wide, wide); &same.data[0] != &wide.data[0] {
		t.Error("more rows than columns were changed")
	}
}

// Heads that attend alike do so whatever the scales of their queries and keys.
func TestEqualHeadsOfAnyScale(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	q, k := randomMatrix(rng, 16, 30), randomMatrix(rng, 8, 30) // two heads of keys, each for two of queries
	copy(q.data[8*30:], q.data[:8*30])
	copy(k.data[4*30:], k.data[:4*30])
	for _, f := range []float64{1, 1e12, 1e25} {
		for g := range 2 {
			for r := range 4 {
				for c := range 30 {
					q.row(8 + g*4 + r)[c] = float32(float64(q.row(g*4 + r)[c]) / f)
				}
			}
		}
		for r := range 4 {
			for c := range 30 {
				k.row(4 + r)[c] = float32(float64(k.row(r)[c]) * f)
			}
		}
		if got := equalHeads(q, k, 4); len(got) != 1 {
			t.Errorf("scale %g: classes %v, want one of both heads", f, got)
		}
	}
}
