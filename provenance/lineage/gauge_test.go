package lineage

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
)

// The rotation between two clouds of points is found, also between states of different width.
func TestProcrustesFindsTheRotation(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	a := randomNeurons(rng, 200, 10).in
	q, err := procrustes(randomNeurons(rng, 40, 10).in, randomNeurons(rng, 40, 10).in) // any orthogonal matrix
	if err != nil {
		t.Fatal(err)
	}
	narrow := q.columns([]int{0, 2, 3, 5, 6, 9})
	for _, c := range []struct {
		q      matrix
		cosine float64 // with the result, at least; a projection depends on how the points spread
	}{{q, 1 - 1e-6}, {narrow, 0.95}} {
		got, err := procrustes(a, a.times(c.q))
		if err != nil {
			t.Fatal(err)
		}
		product := 0.0
		for i, v := range got.data {
			product += float64(v) * float64(c.q.data[i])
		}
		if cosine := product / norm(got.data) / norm(c.q.data); cosine < c.cosine {
			t.Errorf("%d columns: cosine %g with the rotation, want %g", c.q.cols, cosine, c.cosine)
		}
	}
	one := q.times(q, tensor.TransposeA)
	for i := range one.rows {
		for j, v := range one.row(i) {
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(float64(v)-want) > 1e-4 {
				t.Fatalf("QᵀQ[%d %d] is %g", i, j, v)
			}
		}
	}
	if _, err := procrustes(newMatrix(5, 3), newMatrix(5, 3)); err == nil {
		t.Error("embeddings of zeros were aligned")
	}
}

// Names of tokens fit a rotated copy, and random embeddings only by chance.
func TestNamesFit(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	const tokens, dim, runs = 60, 8, 300
	large := 0
	for range runs {
		z, _, _ := namesFit(randomNeurons(rng, tokens, dim).in, randomNeurons(rng, tokens, dim).in)
		if z > 1.645 {
			large++
		}
	}
	if large > 26 { // 300 draws at 0.05 exceed 26 with a chance of 0.2 %
		t.Errorf("%d of %d random tables exceed the quantile of 5 %%", large, runs)
	}
	a := randomNeurons(rng, tokens, dim).in
	q := *control{dims: dim, rng: rng}.rotation()
	if z, cosine, best := namesFit(a, a.times(q)); z < 5 || cosine < 0.999 || best < 0.999 {
		t.Errorf("rotated copy: %g deviations, cosine %g", z, cosine)
	}
	if z, cosine, best := namesFit(a.slice(0, 8), a.slice(0, 8)); z != 0 || cosine != 0 || best != 0 {
		t.Errorf("8 tokens: %g deviations, cosine %g", z, cosine)
	}
	b := a.times(q)
	third := b.pick(everySecond(b.rows, 0)[:b.rows/3])
	for i := range third.rows { // the names of a third of the tokens, half of them held out
		copy(b.row(i), third.row((i+7)%third.rows))
	}
	if _, cosine, best := namesFit(a, b); cosine > 0.9 || best < 0.97 {
		t.Errorf("a third is renamed: cosine %g, best half %g", cosine, best)
	}
}
