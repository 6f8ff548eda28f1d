package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// each runs a test with every implementation that this machine can run.
func each(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	before := Active()
	defer Use(before)
	for _, impl := range Available() {
		Use(impl)
		t.Run(impl.String(), test)
	}
}

// gemmCase is a call of Gemm on random matrices, each inside an array of guard words.
type gemmCase struct {
	transA, transB bool
	m, n, k        int
	alpha, beta    float32
	pad            int // added to each leading dimension
	offset         int // elements from the start of the array to A; B and C differ by one
}

func (c gemmCase) String() string {
	return fmt.Sprintf("ta=%v/tb=%v/m=%d/n=%d/k=%d/alpha=%v/beta=%v/pad=%d/offset=%d",
		c.transA, c.transB, c.m, c.n, c.k, c.alpha, c.beta, c.pad, c.offset)
}

func (c gemmCase) operands(r *rand.Rand) (a, b, out *matrix) {
	a = newMatrix(r, c.transA, c.m, c.k, c.pad, c.offset)
	b = newMatrix(r, c.transB, c.k, c.n, c.pad, c.offset+1)
	return a, b, newMatrix(r, false, c.m, c.n, c.pad, c.offset+2)
}

// run computes the product with Gemm.
func (c gemmCase) run(a, b, out *matrix) {
	Gemm(c.transA, c.transB, c.m, c.n, c.k, c.alpha, a.data, a.ld, b.data, b.ld, c.beta, out.data, out.ld)
}

// check compares one product with float64 arithmetic and, in the implementations that promise bits,
// with exact fused multiply-adds.
func (c gemmCase) check(t *testing.T, r *rand.Rand) {
	t.Helper()
	a, b, out := c.operands(r)
	inA, inB, in := a.clone(), b.clone(), out.clone()
	if c.beta == 0 {
		out.fill(float32(math.NaN())) // must not reach the result
	}
	c.run(a, b, out)
	if err := a.differs(inA); err != nil {
		t.Fatalf("%v: A was modified: %v", c, err)
	}
	if err := b.differs(inB); err != nil {
		t.Fatalf("%v: B was modified: %v", c, err)
	}
	if err := out.outside(); err != nil {
		t.Fatalf("%v: C: %v", c, err)
	}
	// All of a small C, a sample of a large C, and always the last element.
	step := 1 + c.m*c.n*c.k/200_000
	for e := (c.m*c.n - 1) % step; e < c.m*c.n; e += step {
		c.checkElement(t, a, b, in, out, e/c.n, e%c.n)
	}
}

func (c gemmCase) checkElement(t *testing.T, a, b, in, out *matrix, i, j int) {
	t.Helper()
	got := out.at(i, j)
	if want, bound := c.exact(a, b, in, i, j); !(math.Abs(float64(got)-want) <= bound) {
		t.Fatalf("%v: C[%d,%d] = %v, want %v ± %v", c, i, j, got, want, bound)
	}
	if Active() == Generic {
		return
	}
	if want := c.chain(a, b, in, i, j); math.Float32bits(got) != math.Float32bits(want) {
		t.Fatalf("%v: C[%d,%d] = %v (%#x), want the bits of %v (%#x)", c, i, j, got, math.Float32bits(got), want, math.Float32bits(want))
	}
}

var transposes = [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}}

// TestGemm covers every residue of the sizes of tiles, every short k, and the leading dimensions
// and offsets that move rows across cache lines.
func TestGemm(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 1))
		scales := []float32{1, 0, -0.5}
		for _, trans := range transposes {
			for m := 1; m <= 30; m++ {
				for n := 1; n <= 34; n++ {
					gemmCase{trans[0], trans[1], m, n, 1 + r.IntN(40), scales[r.IntN(3)], scales[r.IntN(3)], r.IntN(3), r.IntN(17)}.check(t, r)
				}
			}
			for n := 35; n <= 140; n += 3 { // the wide tiles of a few rows
				gemmCase{trans[0], trans[1], 1 + r.IntN(5), n, 1 + r.IntN(40), 1, scales[r.IntN(3)], r.IntN(3), r.IntN(17)}.check(t, r)
			}
		}
	})
}

// TestGemmBlocks covers sizes that need several blocks or copies.
func TestGemmBlocks(t *testing.T) {
	cases := []struct {
		reason  string
		m, n, k int
		pad     int
	}{
		{"row of C, B beyond the cache", 1, 300, 1100, 0},
		{"row of C in two blocks of columns", 1, 5000, 40, 0},
		{"column of C, contiguous", 300, 1, 1100, 0},
		{"column of C, strided", 300, 1, 70, 3},
		{"two blocks of k, uneven", 29, 31, 1025, 0},
		{"three blocks of k", 20, 20, 2100, 0},
		{"two blocks of A", 130, 40, 1000, 0},
		{"rows a page apart: A is copied", 30, 280, 1024, 0},
		{"rows of B half a page apart: B is copied", 75, 512, 20, 0},
		{"two blocks of B", 15, 2100, 520, 0},
		{"B beyond the second-level cache", 120, 530, 530, 1},
		{"tall and narrow", 700, 13, 40, 0},
	}
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 1))
		for _, c := range cases {
			for _, trans := range transposes {
				if testing.Short() && trans[0] != trans[1] {
					continue
				}
				t.Run(fmt.Sprintf("%s/%v", c.reason, trans), func(t *testing.T) {
					gemmCase{trans[0], trans[1], c.m, c.n, c.k, 1, 0, c.pad, 0}.check(t, r)
					gemmCase{trans[0], trans[1], c.m, c.n, c.k, 1, 1, c.pad, 3}.check(t, r)
					gemmCase{trans[0], trans[1], c.m, c.n, c.k, -0.5, 1, c.pad, 5}.check(t, r)
				})
			}
		}
	})
}

// TestGemmSpecialValues compares the positions of NaN and infinities with those of the twin.
func TestGemmSpecialValues(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	special := []float32{nan, inf, -inf, 0, math.SmallestNonzeroFloat32, math.MaxFloat32}
	before := Active()
	defer Use(before)
	r := rand.New(rand.NewPCG(3, 1))
	for _, trans := range transposes {
		for range 200 {
			c := gemmCase{trans[0], trans[1], 1 + r.IntN(20), 1 + r.IntN(40), 1 + r.IntN(20), 1, float32(r.IntN(2)), 0, 0}
			a, b, in := c.operands(r)
			for range 1 + r.IntN(3) {
				a.data[r.IntN(len(a.data))] = special[r.IntN(len(special))]
				b.data[r.IntN(len(b.data))] = special[r.IntN(len(special))]
				in.data[r.IntN(len(in.data))] = special[r.IntN(5)]
			}
			Use(Generic)
			want := in.clone()
			c.run(a, b, want)
			for _, impl := range Available() {
				Use(impl)
				got := in.clone()
				c.run(a, b, got)
				for i, x := range got.data {
					if y := want.data[i]; class(x) != class(y) {
						t.Fatalf("%v: %v: element %d is %v, the twin's is %v", impl, c, i, x, y)
					}
				}
			}
		}
	}
}

// class returns whether a number is NaN, +Inf, -Inf or another number.
func class(x float32) int {
	switch f := float64(x); {
	case math.IsNaN(f):
		return 3
	case math.IsInf(f, 1):
		return 1
	case math.IsInf(f, -1):
		return -1
	}
	return 0
}

func TestGemmReadsNothingItNeedNot(t *testing.T) {
	nan := float32(math.NaN())
	each(t, func(t *testing.T) {
		c := []float32{2, 4}
		Gemm(false, false, 1, 2, 1, 0, []float32{nan}, 1, []float32{nan, nan}, 2, 0.5, c, 2)
		if c[0] != 1 || c[1] != 2 {
			t.Errorf("alpha = 0: C = %v, want beta·C = [1 2]: A and B must not be read", c)
		}
		c = []float32{nan, nan}
		Gemm(false, false, 1, 2, 0, 1, nil, 0, nil, 2, 0, c, 2)
		if c[0] != 0 || c[1] != 0 {
			t.Errorf("k = 0, beta = 0: C = %v, want zeros", c)
		}
	})
}

func TestGemmPanics(t *testing.T) {
	x := make([]float32, 6)
	cases := []struct {
		want string
		call func()
	}{
		{"negative", func() { Gemm(false, false, -1, 2, 3, 1, x, 3, x, 2, 0, x, 2) }},
		{"A: leading dimension 2 is less than its 3 columns", func() { Gemm(false, false, 2, 2, 3, 1, x, 2, x, 2, 0, x, 2) }},
		{"A: 6 elements are too few", func() { Gemm(false, false, 3, 2, 3, 1, x, 3, x, 2, 0, x, 2) }},
		{"B: 6 elements are too few", func() { Gemm(false, true, 2, 2, 3, 1, x, 3, x, 4, 0, x, 2) }},
		{"C: 6 elements are too few", func() { Gemm(false, false, 2, 2, 3, 1, x, 3, x, 2, 0, x, 5) }},
		{"A: 6 elements are too few", func() { Gemm(false, false, 2, 2, 3, 1, x, math.MaxInt, x, 2, 0, x, 2) }},
		{"overlap", func() { Batch{Count: 2, StrideC: 2}.Gemm(false, false, 2, 2, 1, 1, x, 1, x, 2, 0, x, 2) }},
		{"batch: A: 6 elements are too few for 2", func() {
			Batch{Count: 2, StrideA: 5, StrideC: 2}.Gemm(false, false, 1, 2, 2, 1, x, 2, x, 2, 0, x, 2)
		}},
		{"batch: B: 6 elements are too few for 3", func() {
			Batch{Count: 3, StrideB: math.MaxInt, StrideC: 2}.Gemm(false, false, 1, 2, 2, 1, x, 2, x, 2, 0, x, 2)
		}},
	}
	for _, c := range cases {
		t.Run(c.want, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "kernel: ") || !strings.Contains(got, c.want) {
					t.Errorf("panic %q, want one with %q", got, c.want)
				}
			}()
			c.call()
		})
	}
}

// TestGemmBitsDependOnRowAndColumn computes single rows, columns and elements of a product, which
// take other paths through the code than the whole product.
func TestGemmBitsDependOnRowAndColumn(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(6, 1))
		for _, trans := range transposes {
			for range 30 {
				c := gemmCase{trans[0], trans[1], 1 + r.IntN(90), 1 + r.IntN(300), 1 + r.IntN(1100), []float32{1, 1.7}[r.IntN(2)], float32(r.IntN(2)), r.IntN(2), 0}
				a, b, in := c.operands(r)
				want := in.clone()
				c.run(a, b, want)
				p := product{c.transA, c.transB, c.m, c.n, c.k, c.alpha, a.data, a.ld, b.data, b.ld, c.beta, nil, 0}
				i, j := r.IntN(c.m), r.IntN(c.n)
				for _, part := range []struct{ i, iEnd, j, jEnd int }{{i, i + 1, 0, c.n}, {0, c.m, j, j + 1}, {i, i + 1, j, j + 1}, {0, i + 1, 0, j + 1}} {
					p.c, p.ldc = in.clone().data, in.ld
					q := p.rows(part.i, part.iEnd)
					q = q.columns(part.j, part.jEnd)
					if q.n == 1 { // contiguous, so it may be computed as a row
						column := make([]float32, q.m)
						for l := range column {
							column[l] = q.c[l*q.ldc]
						}
						q.c, q.ldc = column, 1
					}
					q.run()
					for i := range q.m {
						for j := range q.n {
							if got, want := q.c[i*q.ldc+j], want.at(part.i+i, part.j+j); got != want {
								t.Fatalf("%v: rows %d-%d, columns %d-%d: C[%d,%d] = %v, in the whole product %v",
									c, part.i, part.iEnd, part.j, part.jEnd, part.i+i, part.j+j, got, want)
							}
						}
					}
				}
			}
		}
	})
}

// TestGemmOfOneMatrix multiplies a matrix by its own transpose: A and B may be one.
func TestGemmOfOneMatrix(t *testing.T) {
	each(t, func(t *testing.T) {
		x := randomFloats(70 * 90)
		y := append([]float32(nil), x...)
		got, want := make([]float32, 70*70), make([]float32, 70*70)
		Gemm(false, true, 70, 70, 90, 1, x, 90, x, 90, 0, got, 70)
		Gemm(false, true, 70, 70, 90, 1, x, 90, y, 90, 0, want, 70)
		if !equal(got, want) || !equal(x, y) {
			t.Error("X·Xᵀ differs from X·Yᵀ with Y a copy of X, or X was modified")
		}
	})
}

// TestGemmThreads also splits small products, which GemmThreads itself does not split.
func TestGemmThreads(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 1))
		for _, trans := range transposes {
			for _, size := range [][3]int{{1, 1, 1}, {2, 700, 30}, {100, 33, 1030}, {7, 1000, 3}, {50, 400, 50}} {
				c := gemmCase{trans[0], trans[1], size[0], size[1], size[2], 1, 1, 1, 1}
				a, b, in := c.operands(r)
				want := in.clone()
				c.run(a, b, want)
				for threads := 2; threads <= 5; threads++ {
					got := in.clone()
					p := product{c.transA, c.transB, c.m, c.n, c.k, 1, a.data, a.ld, b.data, b.ld, 1, got.data, got.ld}
					p.split(threads)
					if err := got.differs(want); err != nil {
						t.Fatalf("%v: %d goroutines: %v", c, threads, err)
					}
				}
			}
		}
		x, y := randomFloats(330*330), make([]float32, 330*330)
		want := make([]float32, 330*330)
		Gemm(false, false, 330, 330, 330, 1, x, 330, x, 330, 0, want, 330)
		GemmThreads(2, false, false, 330, 330, 330, 1, x, 330, x, 330, 0, y, 330)
		for i := range y {
			if y[i] != want[i] {
				t.Fatalf("element %d is %v with two goroutines, %v with one", i, y[i], want[i])
			}
		}
	})
}

func TestBatch(t *testing.T) {
	cases := []struct {
		reason        string
		m, n, k       int
		lda, ldb, ldc int
		batch         Batch
	}{
		{"students in step", 5, 7, 3, 3, 7, 7, Batch{Count: 9, StrideA: 15, StrideB: 21, StrideC: 35}},
		{"students that read the same rows", 5, 7, 3, 3, 7, 7, Batch{Count: 4, StrideB: 21, StrideC: 35}},
		{"heads side by side in one row", 6, 8, 8, 32, 32, 32, Batch{Count: 4, StrideA: 8, StrideB: 8, StrideC: 8}},
		{"none", 5, 7, 3, 3, 7, 7, Batch{}},
		{"on goroutines", 100, 100, 100, 100, 100, 100, Batch{Count: 70, StrideA: 10, StrideB: 10, StrideC: 10000, Threads: 3}},
	}
	each(t, func(t *testing.T) {
		for _, c := range cases {
			a, b := randomFloats(20000), randomFloats(20000)
			got, want := make([]float32, 700000), make([]float32, 700000)
			for i := range c.batch.Count {
				Gemm(false, false, c.m, c.n, c.k, 1, a[i*c.batch.StrideA:], c.lda, b[i*c.batch.StrideB:], c.ldb, 0, want[i*c.batch.StrideC:], c.ldc)
			}
			c.batch.Gemm(false, false, c.m, c.n, c.k, 1, a, c.lda, b, c.ldb, 0, got, c.ldc)
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%s: element %d is %v, want %v", c.reason, i, got[i], want[i])
				}
			}
		}
	})
}

// TestGemmConcurrent shares A and B between goroutines, as replicates of a student do.
func TestGemmConcurrent(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 1))
		c := gemmCase{false, true, 100, 70, 90, 1, 0, 0, 0}
		a, b, in := c.operands(r)
		want := in.clone()
		c.run(a, b, want)
		var wg sync.WaitGroup
		for range 4 * runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				for range 20 {
					got := in.clone()
					c.run(a, b, got)
					if err := got.differs(want); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestGemmDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool drop buffers at random")
	}
	each(t, func(t *testing.T) {
		for _, n := range []int{8, 64, 300} {
			a, b, c := randomFloats(n*n), randomFloats(n*n), randomFloats(n*n)
			for _, trans := range transposes {
				allocs := testing.AllocsPerRun(20, func() {
					GemmThreads(1, trans[0], trans[1], n, n, n, 1, a, n, b, n, 0, c, n)
					Batch{Count: 1}.Gemm(trans[0], trans[1], n, n, n, 1, a, n, b, n, 0, c, n)
				})
				if allocs >= 1 {
					t.Errorf("n = %d, transposes %v: %v allocations a call", n, trans, allocs)
				}
			}
		}
	})
}

func FuzzGemm(f *testing.F) {
	f.Add(uint64(1), byte(0), uint16(3), uint16(5), uint16(7))
	f.Add(uint64(2), byte(3), uint16(15), uint16(33), uint16(1030))
	f.Fuzz(func(t *testing.T, seed uint64, flags byte, m, n, k uint16) {
		r := rand.New(rand.NewPCG(seed, 6))
		scales := []float32{1, 0, -0.5, 2}
		c := gemmCase{flags&1 != 0, flags&2 != 0, 1 + int(m)%200, 1 + int(n)%200, 1 + int(k)%1100,
			scales[flags>>2&3], scales[flags>>4&3], r.IntN(40), r.IntN(20)}
		if c.m*c.n*c.k > 1<<20 {
			c.k = 1 + c.k%17
		}
		each(t, func(t *testing.T) { c.check(t, r) })
	})
}
