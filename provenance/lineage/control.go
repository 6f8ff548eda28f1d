package lineage

import (
	"context"
	"math"
	"math/rand/v2"
	"sort"
)

// control is a part whose disturbed copies the test should see.
type control struct {
	neurons neurons
	tokens  *matrix // embeddings that align the copies; nil compares in the same coordinates
	turned  bool    // the copies are rotated and compared in coordinates of their content
	dims    int     // of a copy, at most those of the part
	tests   int
	rng     *rand.Rand
}

// cosines are the degrees of disturbance that are tried.
var cosines = []float64{1, 0.99, 0.97, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2}

// limit returns the smallest of cosines with which the test sees a copy, by bisection; 0 if it sees
// none.
func (c control) limit() float64 {
	seen := sort.Search(len(cosines), func(i int) bool { return !c.sees(cosines[i]) })
	if seen == 0 {
		return 0
	}
	return cosines[seen-1]
}

// sees reports whether the test sees a copy whose rows have the given cosine with their originals.
func (c control) sees(cosine float64) bool {
	kept := c.rng.Perm(c.neurons.in.cols)[:c.dims]
	order := c.rng.Perm(c.neurons.len())
	copied := c.neurons.pick(order)
	copied.in, copied.out = c.disturb(copied.in.columns(kept), cosine), c.disturb(copied.out.columns(kept), cosine)
	var l LayerTest
	if c.turned {
		canonicalOf(c.neurons, c.dims).turnedTest(canonicalOf(copied.turned(c.rotation()), c.dims), &l)
	} else if original, ok := c.aligned(kept, cosine); ok {
		l.test(original.directions(), copied.directions(), nil)
	}
	related, _ := l.related(c.tests)
	return related
}

// aligned returns the original in the coordinates of a copy that kept some dimensions.
func (c control) aligned(kept []int, cosine float64) (neurons, bool) {
	if c.tokens == nil {
		n := c.neurons
		n.in, n.out = n.in.columns(kept), n.out.columns(kept)
		return n, true
	}
	r, err := procrustes(*c.tokens, c.disturb(c.tokens.columns(kept), cosine))
	if err != nil {
		return neurons{}, false
	}
	return c.neurons.turned(&r), true
}

// rotation returns a random orthogonal matrix.
func (c control) rotation() *matrix {
	var normal [2]matrix
	for i := range normal {
		normal[i] = newMatrix(2*c.dims, c.dims)
		for k := range normal[i].data {
			normal[i].data[k] = float32(c.rng.NormFloat64())
		}
	}
	r, err := procrustes(normal[0], normal[1])
	if err != nil {
		return nil
	}
	return &r
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

// control measures what the test can see, and how well the alignment by names fits. It compares the
// middle part of each model with a permuted and disturbed copy that has the size of the smaller
// one. A limit is the larger of those of the two models.
func (t *tested) control(ctx context.Context) (err error) {
	if t.Tokens >= minTokens {
		t.Names, t.Embeddings, t.BestEmbeddings = namesFit(t.tokensA, t.tokensB)
	}
	if t.Limit, err = t.limit(ctx, FeedForward, false); err != nil {
		return err
	}
	if t.AttentionLimit, err = t.limit(ctx, Attention, false); err != nil || !t.turnable() {
		return err
	}
	t.TurnedLimit, err = t.limit(ctx, FeedForward, true)
	return err
}

// limit returns the limit of the middle parts of a kind; 0 if there are none.
func (t *tested) limit(ctx context.Context, kind string, turned bool) (limit float64, err error) {
	a, b := t.parts(0, kind), t.parts(1, kind)
	if len(a) == 0 || len(b) == 0 {
		return 0, nil
	}
	pa, pb := a[len(a)/2], b[len(b)/2]
	for _, side := range []struct {
		weights *Weights
		part    part
		tokens  *matrix
	}{{t.a, pa, &t.tokensA}, {t.b, pb, &t.tokensB}} {
		if turned && side.part.dim > min(pa.dim, pb.dim) {
			continue // its copy would have to be narrower
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := side.part.read(side.weights)
		if err != nil {
			return 0, err
		}
		rng := rand.New(rand.NewPCG(1, 0x6c696e65616765))
		c := control{rng: rng, tests: t.Tests, dims: min(pa.dim, pb.dim, controlDims), turned: turned}
		c.neurons = n.pick(spaced(n.len(), min(controlNeurons, pa.neurons, pb.neurons)))
		c.neurons.up = matrix{} // has no part in the test
		if t.Tokens >= minTokens {
			c.tokens = side.tokens
		}
		own := c.limit()
		if own == 0 {
			return 0, nil
		}
		limit = max(limit, own)
	}
	return limit, nil
}
