package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// each runs a test under every implementation that the machine has.
func each(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	before := Active()
	defer Use(before)
	for _, impl := range Available() {
		Use(impl)
		t.Run(impl.String(), test)
	}
}

// guard is a signalling pattern around the operands; a kernel that writes it
// or lets it into a result has left its matrix.
var guard = math.Float32frombits(0x7fc0beef)

// matrix is rows×cols inside a larger array of guard words, as Gemm's caller
// may have it: with a leading dimension and at any offset from a cache line.
type matrix struct {
	all, data      []float32
	rows, cols, ld int
	offset         int
}

func newMatrix(r *rand.Rand, rows, cols, ld, offset int) *matrix {
	m := &matrix{rows: rows, cols: cols, ld: ld, offset: offset}
	length := 0
	if rows > 0 && cols > 0 {
		length = (rows-1)*ld + cols
	}
	m.all = make([]float32, offset+length+64)
	for i := range m.all {
		m.all[i] = guard
	}
	m.data = m.all[offset : offset+length : offset+length]
	for i := range rows {
		for j := range cols {
			m.data[i*ld+j] = r.Float32()*2 - 1
		}
	}
	return m
}

func (m *matrix) clone() *matrix {
	c := *m
	c.all = append([]float32(nil), m.all...)
	c.data = c.all[m.offset : m.offset+len(m.data) : m.offset+len(m.data)]
	return &c
}

// outside reports the first guard word that was overwritten.
func (m *matrix) outside() error {
	for i, x := range m.all {
		at := i - m.offset
		if at >= 0 && at < len(m.data) && at%m.ld < m.cols {
			continue
		}
		if math.Float32bits(x) != math.Float32bits(guard) {
			return fmt.Errorf("element %d of a %d×%d matrix with leading dimension %d, outside it, was overwritten with %v", at, m.rows, m.cols, m.ld, x)
		}
	}
	return nil
}

type gemmCase struct {
	transA, transB bool
	m, n, k        int
	alpha, beta    float32
	pad, offset    int // added to each leading dimension; elements before the first
}

func (c gemmCase) String() string {
	return fmt.Sprintf("ta=%v/tb=%v/m=%d/n=%d/k=%d/alpha=%v/beta=%v/pad=%d/offset=%d", c.transA, c.transB, c.m, c.n, c.k, c.alpha, c.beta, c.pad, c.offset)
}

func (c gemmCase) operands(r *rand.Rand) (a, b, out *matrix) {
	a, b = newMatrix(r, c.m, c.k, c.k+c.pad, c.offset), newMatrix(r, c.k, c.n, c.n+c.pad, c.offset+1)
	if c.transA {
		a = newMatrix(r, c.k, c.m, c.m+c.pad, c.offset)
	}
	if c.transB {
		b = newMatrix(r, c.n, c.k, c.k+c.pad, c.offset+1)
	}
	return a, b, newMatrix(r, c.m, c.n, c.n+c.pad, c.offset+2)
}

// check runs one product and compares it with float64 arithmetic. The bound is
// that of a sum in order (Higham 2002, section 3.1): each product and each
// addition rounds once, |error| ≤ (k+2)·eps·Σ|a||b|.
func (c gemmCase) check(t *testing.T, r *rand.Rand) {
	t.Helper()
	a, b, out := c.operands(r)
	old, wantA, wantB := out.clone(), a.clone(), b.clone()
	if c.beta == 0 {
		for i := range c.m {
			for j := range c.n {
				out.data[i*out.ld+j] = float32(math.NaN())
			}
		}
	}
	Gemm(c.transA, c.transB, c.m, c.n, c.k, c.alpha, a.data, a.ld, b.data, b.ld, c.beta, out.data, out.ld)
	for i := range c.m {
		for j := range c.n {
			want, size := float64(c.beta)*float64(old.data[i*old.ld+j]), math.Abs(float64(c.beta))
			for l := range c.k {
				x, y := float32(0), float32(0)
				if c.transA {
					x = a.data[l*a.ld+i]
				} else {
					x = a.data[i*a.ld+l]
				}
				if c.transB {
					y = b.data[j*b.ld+l]
				} else {
					y = b.data[l*b.ld+j]
				}
				xy := float64(c.alpha) * float64(x) * float64(y)
				want += xy
				size += math.Abs(xy)
			}
			got := float64(out.data[i*out.ld+j])
			if bound := float64(c.k+3) * 0x1p-23 * size; !(math.Abs(got-want) <= bound) {
				t.Fatalf("%v: C[%d,%d] = %v, want %v ± %v", c, i, j, got, want, bound)
			}
		}
	}
	for name, m := range map[string]*matrix{"A": a, "B": b, "C": out} {
		if err := m.outside(); err != nil {
			t.Fatalf("%v: %s: %v", c, name, err)
		}
	}
	for i := range a.all {
		if math.Float32bits(a.all[i]) != math.Float32bits(wantA.all[i]) {
			t.Fatalf("%v: A was modified", c)
		}
	}
	for i := range b.all {
		if math.Float32bits(b.all[i]) != math.Float32bits(wantB.all[i]) {
			t.Fatalf("%v: B was modified", c)
		}
	}
}

func TestGemm(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 1))
		for _, trans := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
			for m := 1; m <= 30; m++ {
				for n := 1; n <= 34; n++ {
					gemmCase{trans[0], trans[1], m, n, 1 + r.IntN(40), []float32{1, 1, -0.5, 0}[r.IntN(4)], []float32{0, 1, -0.5}[r.IntN(3)], r.IntN(3), r.IntN(5)}.check(t, r)
				}
			}
			for _, s := range [][3]int{{1, 300, 700}, {300, 1, 513}, {130, 270, 100}, {340, 70, 1100}, {60, 600, 37}, {29, 29, 2000}, {70, 2100, 3}} {
				gemmCase{trans[0], trans[1], s[0], s[1], s[2], 1, 1, 0, 0}.check(t, r)
				gemmCase{trans[0], trans[1], s[0], s[1], s[2], -0.5, 0, 5, 3}.check(t, r)
			}
		}
	})
}
