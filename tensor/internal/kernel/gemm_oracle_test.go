package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// guard surrounds the operands of a test: a quiet NaN with a mark. A kernel that reads it spoils a
// result; a kernel that overwrites it has left its matrix.
const guard = 0x7fc0beef

// matrix is op(X) of a case, with X in an array of guard words, with a leading dimension and at any
// offset from a cache line.
type matrix struct {
	all, data []float32
	trans     bool
	cols, ld  int // of X in memory
	offset    int
}

func newMatrix(r *rand.Rand, trans bool, rows, cols, pad, offset int) *matrix {
	if trans {
		rows, cols = cols, rows
	}
	m := &matrix{trans: trans, cols: cols, ld: cols + pad, offset: offset}
	length := (rows-1)*m.ld + cols
	m.all = make([]float32, offset+length+64)
	for i := range m.all {
		m.all[i] = math.Float32frombits(guard)
	}
	m.data = m.all[offset:][:length:length]
	for i := range rows {
		for j := range cols {
			m.data[i*m.ld+j] = r.Float32()*2 - 1
		}
	}
	return m
}

// at returns an element of op(X).
func (m *matrix) at(i, j int) float32 {
	if m.trans {
		i, j = j, i
	}
	return m.data[i*m.ld+j]
}

func (m *matrix) clone() *matrix {
	c := *m
	c.all = append([]float32(nil), m.all...)
	c.data = c.all[m.offset:][:len(m.data):len(m.data)]
	return &c
}

// fill sets the elements of the matrix, not the guards.
func (m *matrix) fill(x float32) {
	for i := range m.data {
		if i%m.ld < m.cols {
			m.data[i] = x
		}
	}
}

// outside reports the first guard word that was overwritten.
func (m *matrix) outside() error {
	for i, x := range m.all {
		at := i - m.offset
		inside := at >= 0 && at < len(m.data) && at%m.ld < m.cols
		if !inside && math.Float32bits(x) != guard {
			return fmt.Errorf("element %d, which is outside the matrix, was overwritten with %v", at, x)
		}
	}
	return nil
}

// differs compares bits, guard words too.
func (m *matrix) differs(want *matrix) error {
	for i, x := range m.all {
		if y := want.all[i]; math.Float32bits(x) != math.Float32bits(y) {
			return fmt.Errorf("element %d is %v, want %v", i-m.offset, x, y)
		}
	}
	return nil
}

// exact returns an element in float64 and the bound on a float32 result: each of the k products,
// sums and the two scalings rounds at most twice, so |error| ≤ 2(k+2)·u·Σ|terms| with u = 2⁻²⁴
// (Higham 2002, section 3.1).
func (c gemmCase) exact(a, b, in *matrix, i, j int) (want, bound float64) {
	if c.beta != 0 {
		want = float64(c.beta) * float64(in.at(i, j))
	}
	size := math.Abs(want)
	if c.alpha != 0 {
		for l := range c.k {
			x := float64(c.alpha) * float64(a.at(i, l)) * float64(b.at(l, j))
			want += x
			size += math.Abs(x)
		}
	}
	return want, float64(c.k+2) * 0x1p-23 * size
}

// chain returns an element with the roundings that the assembly promises.
func (c gemmCase) chain(a, b, in *matrix, i, j int) float32 {
	x := in.at(i, j)
	switch {
	case c.alpha == 0 && c.beta == 0:
		return 0
	case c.alpha == 0:
		return c.beta * x
	}
	block := (c.k + (c.k-1)/1024) / ((c.k-1)/1024 + 1) // equal blocks of at most 1024
	for low, beta := 0, c.beta; low < c.k; low, beta = low+block, 1 {
		var sum float32
		for l := low; l < min(low+block, c.k); l++ {
			sum = fma32(a.at(i, l), b.at(l, j), sum)
		}
		if sum *= c.alpha; beta != 0 {
			sum = fma32(beta, x, sum)
		}
		x = sum
	}
	return x
}

// fma32 returns x·y + z rounded once. The product is exact in float64. The sum is rounded to odd,
// so that a second rounding does no harm (Boldo & Melquiond 2008).
func fma32(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	s := p + c
	t := s - p
	rest := (p - (s - t)) + (c - t) // Knuth's two-sum: s + rest = p + c exactly
	if bits := math.Float64bits(s); rest != 0 && bits&1 == 0 {
		if (rest > 0) == (s > 0) {
			bits++
		} else {
			bits--
		}
		s = math.Float64frombits(bits)
	}
	return float32(s)
}

func randomFloats(n int) []float32 {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	x := make([]float32, n)
	for i := range x {
		x[i] = r.Float32()*2 - 1
	}
	return x
}
