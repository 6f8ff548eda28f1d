package lineage

import (
	"slices"

	"github.com/undertone-audit/undertone/tensor"
)

// neurons are the hidden units of one part. Row i of in and of out belongs to neuron i; the columns
// are those of the hidden state.
type neurons struct {
	in       matrix // what a neuron reads: gate or first weights, times the gain of the norm before them
	out      matrix // what a neuron writes
	up       matrix // what the other input of a gated layer reads; no rows if there is none
	unsigned bool   // a neuron whose in and out both change their sign is the same
}

func (n neurons) len() int { return n.in.rows }

// pick returns the named neurons.
func (n neurons) pick(which []int) neurons {
	picked := neurons{in: n.in.pick(which), out: n.out.pick(which), unsigned: n.unsigned}
	if n.up.rows > 0 {
		picked.up = n.up.pick(which)
	}
	return picked
}

// equal reports whether all weights are equal.
func (n neurons) equal(o neurons) bool {
	return slices.Equal(n.in.data, o.in.data) && slices.Equal(n.out.data, o.out.data)
}

// turned returns the neurons in other coordinates; by nil, as they are.
func (n neurons) turned(by *matrix) neurons {
	if by == nil {
		return n
	}
	turned := neurons{in: n.in.times(*by), out: n.out.times(*by), unsigned: n.unsigned}
	if n.up.rows > 0 {
		turned.up = n.up.times(*by)
	}
	return turned
}

// directions returns the neurons with rows of length 1. The mean is removed unless signs are
// arbitrary.
func (n neurons) directions() neurons {
	d := neurons{up: n.up.units(), unsigned: n.unsigned}
	if n.unsigned {
		d.in, d.out = n.in.units(), n.out.units()
	} else {
		d.in, d.out = n.in.directions(), n.out.directions()
	}
	return d
}

// matching is the pairs of neurons of two models that are nearest to each other: partner[i] is the
// neuron of the second model for neuron i of the first, or -1.
type matching []int

// pairs counts the neurons that have a partner.
func (m matching) pairs() int {
	n := 0
	for _, j := range m {
		if j >= 0 {
			n++
		}
	}
	return n
}

// agree counts the neurons that have a partner in both matchings, and those that have the same.
func (m matching) agree(o matching) (same, both int) {
	for i, j := range m {
		if j < 0 || o[i] < 0 {
			continue
		}
		both++
		if j == o[i] {
			same++
		}
	}
	return same, both
}

// nearest finds mutual nearest neighbours in a matrix of similarities that is computed in blocks of
// rows.
type nearest struct {
	rowBest, colBest []float32
	rowAt, colAt     []int
}

func newNearest(rows, cols int) *nearest {
	n := &nearest{make([]float32, rows), make([]float32, cols), make([]int, rows), make([]int, cols)}
	for i := range n.rowAt {
		n.rowAt[i] = -1
	}
	for j := range n.colAt {
		n.colAt[j] = -1
	}
	return n
}

// see takes the similarities of row i. Only positive ones count.
func (n *nearest) see(i int, row []float32) {
	for j, v := range row {
		if v > n.rowBest[i] {
			n.rowBest[i], n.rowAt[i] = v, j
		}
		if v > n.colBest[j] {
			n.colBest[j], n.colAt[j] = v, i
		}
	}
}

// close counts the pairs of a matching with a similarity of at least least.
func (n *nearest) close(m matching, least float32) int {
	count := 0
	for i, j := range m {
		if j >= 0 && n.rowBest[i] >= least {
			count++
		}
	}
	return count
}

func (n *nearest) matching() matching {
	m := make(matching, len(n.rowAt))
	for i, j := range n.rowAt {
		if m[i] = j; j >= 0 && n.colAt[j] != i {
			m[i] = -1
		}
	}
	return m
}

// blockRows is the number of rows of similarities that are in memory at once.
const blockRows = 256

// matchings are the matchings of the neurons of two parts.
type matchings struct {
	in, out, both matching
	alike         int // pairs with an absolute cosine of at least alikeCosine, of in, out or up, whichever are most
}

// match matches neurons three times: by the cosine of what they read, by the absolute cosine of
// what they write, and by the sum of both. A neuron of a gated layer computes the same if what it
// writes and its other input both change their sign. Scales do not matter. Both are
// [neurons.directions].
func match(a, b neurons) (m matchings) {
	nIn, nOut, nBoth := newNearest(a.len(), b.len()), newNearest(a.len(), b.len()), newNearest(a.len(), b.len())
	nEither := newNearest(a.len(), b.len()) // in, alike or opposite
	for from := 0; from < a.len(); from += blockRows {
		to := min(from+blockRows, a.len())
		sIn := a.in.slice(from, to).times(b.in, tensor.TransposeB)
		sOut := a.out.slice(from, to).times(b.out, tensor.TransposeB)
		absolute(sOut)
		if a.unsigned {
			absolute(sIn)
		}
		for i := range sIn.rows {
			rowIn, rowOut := sIn.row(i), sOut.row(i)
			nIn.see(from+i, rowIn)
			nOut.see(from+i, rowOut)
			for j := range rowIn {
				rowOut[j] += rowIn[j]
			}
			nBoth.see(from+i, rowOut)
		}
		absolute(sIn)
		for i := range sIn.rows {
			nEither.see(from+i, sIn.row(i))
		}
	}
	m.in, m.out, m.both = nIn.matching(), nOut.matching(), nBoth.matching()
	m.alike = max(nEither.close(nEither.matching(), alikeCosine), nOut.close(m.out, alikeCosine), alikeUp(a, b))
	return m
}

// alikeUp counts the neurons whose other inputs read alike or opposite.
func alikeUp(a, b neurons) int {
	if a.up.rows == 0 || b.up.rows == 0 {
		return 0
	}
	n := newNearest(a.up.rows, b.up.rows)
	for from := 0; from < a.up.rows; from += blockRows {
		to := min(from+blockRows, a.up.rows)
		s := a.up.slice(from, to).times(b.up, tensor.TransposeB)
		absolute(s)
		for i := range s.rows {
			n.see(from+i, s.row(i))
		}
	}
	return n.close(n.matching(), alikeCosine)
}

// absolute removes the signs.
func absolute(m matrix) {
	for i, v := range m.data {
		if v < 0 {
			m.data[i] = -v
		}
	}
}

// matchRows matches the rows of two matrices by their product.
func matchRows(x, y matrix) matching {
	n := newNearest(x.rows, y.rows)
	for from := 0; from < x.rows; from += blockRows {
		to := min(from+blockRows, x.rows)
		s := x.slice(from, to).times(y, tensor.TransposeB)
		for i := range s.rows {
			n.see(from+i, s.row(i))
		}
	}
	return n.matching()
}
