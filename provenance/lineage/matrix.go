package lineage

import (
	"math"

	"github.com/undertone-audit/undertone/tensor"
)

// matrix is a row-major matrix.
type matrix struct {
	rows, cols int
	data       []float32
}

func newMatrix(rows, cols int) matrix { return matrix{rows, cols, make([]float32, rows*cols)} }

func (m matrix) row(i int) []float32 { return m.data[i*m.cols : (i+1)*m.cols] }

// slice returns rows [from, to).
func (m matrix) slice(from, to int) matrix {
	return matrix{to - from, m.cols, m.data[from*m.cols : to*m.cols]}
}

func (m matrix) transpose() matrix {
	t := newMatrix(m.cols, m.rows)
	for r := range m.rows {
		for c, v := range m.row(r) {
			t.data[c*m.rows+r] = v
		}
	}
	return t
}

// scale multiplies each column with a factor.
func (m matrix) scale(columns []float32) matrix {
	s := newMatrix(m.rows, m.cols)
	for r := range m.rows {
		to := s.row(r)
		for c, v := range m.row(r) {
			to[c] = v * columns[c]
		}
	}
	return s
}

// pick returns the named rows.
func (m matrix) pick(rows []int) matrix {
	p := newMatrix(len(rows), m.cols)
	for i, r := range rows {
		copy(p.row(i), m.row(r))
	}
	return p
}

// times returns m·b, or with tensor.TransposeA and TransposeB the product of transposes.
func (m matrix) times(b matrix, flags ...tensor.Transpose) matrix {
	y := (*tensor.Tape)(nil).MatMul(tensor.FromSlice(m.data, m.rows, m.cols), tensor.FromSlice(b.data, b.rows, b.cols), flags...)
	return matrix{y.Dim(0), y.Dim(1), y.Data()}
}

// centred returns the matrix minus the mean of its rows.
func (m matrix) centred() matrix {
	mean := make([]float64, m.cols)
	for r := range m.rows {
		for c, v := range m.row(r) {
			mean[c] += float64(v) / float64(m.rows)
		}
	}
	y := newMatrix(m.rows, m.cols)
	for r := range m.rows {
		to := y.row(r)
		for c, v := range m.row(r) {
			to[c] = v - float32(mean[c])
		}
	}
	return y
}

// withoutRowMeans returns each row minus its mean.
func (m matrix) withoutRowMeans() matrix {
	y := newMatrix(m.rows, m.cols)
	for r := range m.rows {
		mean := 0.0
		for _, v := range m.row(r) {
			mean += float64(v) / float64(m.cols)
		}
		for c, v := range m.row(r) {
			y.row(r)[c] = v - float32(mean)
		}
	}
	return y
}

// directions returns the rows minus their mean, each of length 1. A row of zeros, such as that of a
// pruned neuron, stays zero.
func (m matrix) directions() matrix {
	y := m.centred()
	for r := range m.rows {
		if zero(m.row(r)) {
			clear(y.row(r))
		}
	}
	return y.units()
}

// units returns the rows, each of length 1 or 0.
func (m matrix) units() matrix {
	y := newMatrix(m.rows, m.cols)
	for r := range m.rows {
		from, to := m.row(r), y.row(r)
		if n := norm(from); n > 0 {
			for c, v := range from {
				to[c] = float32(float64(v) / n)
			}
		}
	}
	return y
}

func zero(x []float32) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}

// norm returns the Euclidean norm.
func norm(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}
