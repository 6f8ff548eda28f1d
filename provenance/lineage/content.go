package lineage

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/undertone-audit/undertone/tensor"
)

// contentSteps bounds the iterations of an alignment by content.
const contentSteps = 12

// canonical is the neurons of a part in the principal coordinates of what they read. A rotation of
// the hidden state and the order of the neurons leave the coordinates as they are, up to signs.
type canonical struct {
	neurons
	spectrum []float64 // variance in each coordinate, largest first, of sum 1
}

// canonicalOf returns the directions of neurons in principal coordinates.
func canonicalOf(n neurons, k int) canonical {
	d := n.directions()
	vectors, values := eigen(d.in.times(d.in, tensor.TransposeA))
	if k < vectors.cols {
		vectors = vectors.columns(spaced(k, k))
	}
	total := 0.0
	for _, v := range values {
		total += v
	}
	c := canonical{d.turned(&vectors), values}
	if total > 0 {
		for i := range values {
			values[i] /= total
		}
	}
	c.in, c.out = c.in.units(), c.out.units()
	return c
}

// turn returns the orthogonal matrix that brings what neurons of a read nearest to what those of b
// read, and the number of neurons that it was found by. The first pairs are those of the absolute
// coordinates, which do not depend on signs. Then pairs and matrix are found in turns (iterative
// closest points, Besl & McKay, IEEE PAMI 14, 1992).
func turn(a, b canonical) (r matrix, pairs int, err error) {
	x, y := clone(a.in), clone(b.in)
	absolute(x)
	absolute(y)
	m := matchRows(x.directions(), y.directions())
	for range contentSteps {
		var of [2][]int
		for i, j := range m {
			if j >= 0 {
				of[0], of[1] = append(of[0], i), append(of[1], j)
			}
		}
		if len(of[0]) == 0 {
			return r, 0, errors.New("no neurons are alike")
		}
		if r, err = procrustes(a.in.pick(of[0]), b.in.pick(of[1])); err != nil {
			return r, 0, err
		}
		if m = matchRows(a.in.times(r), b.in); m.pairs() <= pairs {
			break
		}
		pairs = m.pairs()
	}
	return r, pairs, nil
}

func clone(m matrix) matrix {
	c := newMatrix(m.rows, m.cols)
	copy(c.data, m.data)
	return c
}

// compareTurned compares all pairs of feed-forward parts in coordinates of their content. Attention
// is left out: it has no more directions than the hidden state has dimensions, so that a rotation
// can bring what any two parts read together, and what they write follows as far as models write
// what they read. A model that was distilled from another was called shared so.
func (t *tested) compareTurned(ctx context.Context) error {
	var of [2][]canonical
	for side, w := range []*Weights{t.a, t.b} {
		for _, p := range t.parts(side, FeedForward) {
			if err := ctx.Err(); err != nil {
				return err
			}
			n, err := p.read(w)
			if err != nil {
				return err
			}
			of[side] = append(of[side], canonicalOf(n, min(t.of[0].dim, t.of[1].dim)))
		}
	}
	for i, a := range of[0] {
		for _, j := range a.partners(of[1], len(of[0])) {
			if err := ctx.Err(); err != nil {
				return err
			}
			l := LayerTest{Part: FeedForward, A: t.parts(0, FeedForward)[i].block, B: t.parts(1, FeedForward)[j].block, Coordinates: ContentCoordinates}
			if a.turnedTest(of[1][j], &l) {
				t.note(l)
			}
		}
	}
	return nil
}

// partners returns the parts of the second model that are compared with one of those of the first:
// all, or if there are many pairs those whose spectra are nearest. A rotation keeps the spectrum.
func (a canonical) partners(all []canonical, firsts int) []int {
	which := spaced(len(all), len(all))
	if firsts*len(all) <= maxTurnedPairs {
		return which
	}
	distance := func(i int) (sum float64) {
		for k := range min(len(a.spectrum), len(all[i].spectrum)) {
			sum += math.Abs(a.spectrum[k] - all[i].spectrum[k])
		}
		return sum
	}
	slices.SortStableFunc(which, func(i, j int) int { return cmp.Compare(distance(i), distance(j)) })
	return which[:min(turnedPartners, len(which))]
}

// turnedTest compares two parts in coordinates of their content, and reports whether there are any:
// the neurons must be twice as many as the dimensions.
func (a canonical) turnedTest(b canonical, l *LayerTest) bool {
	if min(a.len(), b.len()) < 2*a.in.cols {
		return false // a rotation could bring them together
	}
	r, _, err := turn(a, b)
	if err != nil {
		return false
	}
	l.test(a.turned(&r), b.neurons, nil)
	return true
}
