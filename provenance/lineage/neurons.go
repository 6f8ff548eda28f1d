package lineage

import (
	"slices"

	"github.com/undertone-audit/undertone/tensor"
)

// neurons are the hidden units of one feed-forward layer. Row i of in and of out belongs to neuron
// i; the columns are those of the hidden state.
type neurons struct {
	in  matrix // what a neuron reads: gate or first weights, times the gain of the norm before them
	out matrix // what a neuron writes
}

func (n neurons) len() int { return n.in.rows }

// pick returns the named neurons.
func (n neurons) pick(which []int) neurons { return neurons{n.in.pick(which), n.out.pick(which)} }

// equal reports whether all weights are equal.
func (n neurons) equal(o neurons) bool {
	return slices.Equal(n.in.data, o.in.data) && slices.Equal(n.out.data, o.out.data)
}

// turned returns the neurons in the coordinates of another hidden state.
func (n neurons) turned(by matrix) neurons { return neurons{n.in.times(by), n.out.times(by)} }

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

// match matches neurons three times: by the cosine of what they read, by the absolute cosine of
// what they write, and by the sum of both. A neuron of a gated layer computes the same if what it
// writes and its other input both change their sign. Scales do not matter.
func match(a, b neurons) (in, out, both matching) {
	aIn, aOut, bIn, bOut := a.in.directions(), a.out.directions(), b.in.directions(), b.out.directions()
	nIn, nOut, nBoth := newNearest(a.len(), b.len()), newNearest(a.len(), b.len()), newNearest(a.len(), b.len())
	for from := 0; from < a.len(); from += blockRows {
		to := min(from+blockRows, a.len())
		sIn := aIn.slice(from, to).times(bIn, tensor.TransposeB)
		sOut := aOut.slice(from, to).times(bOut, tensor.TransposeB)
		for i := range sIn.rows {
			rowIn, rowOut := sIn.row(i), sOut.row(i)
			for j, v := range rowOut {
				if v < 0 {
					rowOut[j] = -v
				}
			}
			nIn.see(from+i, rowIn)
			nOut.see(from+i, rowOut)
			for j := range rowIn {
				rowIn[j] += rowOut[j]
			}
			nBoth.see(from+i, rowIn)
		}
	}
	return nIn.matching(), nOut.matching(), nBoth.matching()
}

// matchRows matches the rows of two matrices by their cosine.
func matchRows(a, b matrix) matching {
	x, y := a.directions(), b.directions()
	n := newNearest(a.rows, b.rows)
	for from := 0; from < a.rows; from += blockRows {
		to := min(from+blockRows, a.rows)
		s := x.slice(from, to).times(y, tensor.TransposeB)
		for i := range s.rows {
			n.see(from+i, s.row(i))
		}
	}
	return n.matching()
}
