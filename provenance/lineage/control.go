package lineage

import (
	"math"
	"math/rand/v2"
)

// control is a layer whose disturbed copies the test should see.
type control struct {
	neurons neurons
	tokens  *matrix // embeddings that align the copies; nil compares in the same coordinates
	dims    int     // of a copy, at most those of the layer
	tests   int
	rng     *rand.Rand
}

// cosines are the degrees of disturbance that are tried.
var cosines = []float64{0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2}

// limit returns the smallest of cosines with which the test sees a copy, and all larger ones; 0 if
// it sees none.
func (c control) limit() float64 {
	seen := 0.0
	for _, cosine := range cosines {
		if !c.sees(cosine) {
			break
		}
		seen = cosine
	}
	return seen
}

// sees reports whether the test sees a copy whose rows have the given cosine with their originals.
func (c control) sees(cosine float64) bool {
	kept := c.rng.Perm(c.neurons.in.cols)[:c.dims]
	order := c.rng.Perm(c.neurons.len())
	copied := c.neurons.pick(order)
	copied.in, copied.out = c.disturb(copied.in.columns(kept), cosine), c.disturb(copied.out.columns(kept), cosine)
	original := c.neurons
	if c.tokens != nil {
		r, err := procrustes(*c.tokens, c.disturb(c.tokens.columns(kept), cosine))
		if err != nil {
			return false
		}
		original = original.turned(r)
	} else {
		original = neurons{original.in.columns(kept), original.out.columns(kept)}
	}
	var l LayerTest
	l.test(original, copied, nil, -1)
	related, _ := l.related(c.tests)
	return related
}

// disturb returns the rows with noise of such size that the cosine with the original is about the
// given one.
func (c control) disturb(m matrix, cosine float64) matrix {
	y := newMatrix(m.rows, m.cols)
	noise := math.Sqrt((1 - cosine*cosine) / float64(m.cols))
	for r := range m.rows {
		size := noise * norm(m.row(r))
		to := y.row(r)
		for i, v := range m.row(r) {
			to[i] = float32(cosine*float64(v) + size*c.rng.NormFloat64())
		}
	}
	return y
}

// columns returns the named columns.
func (m matrix) columns(which []int) matrix {
	y := newMatrix(m.rows, len(which))
	for r := range m.rows {
		from, to := m.row(r), y.row(r)
		for i, c := range which {
			to[i] = from[c]
		}
	}
	return y
}
