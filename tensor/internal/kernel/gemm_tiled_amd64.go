//go:build !purego

package kernel

// Sizes of the blocks of matrix multiplication, after Goto & van de Geijn,
// "Anatomy of High-Performance Matrix Multiplication" (2008): kBlock rows of a
// panel of B stay near the first-level cache while mBlock rows of A, packed, stay
// in the second-level cache and nBlock columns of B in the third. kBlock decides
// where a sum is rounded to float32 memory and hence bits: it is the same for
// both instruction sets.
const (
	kBlock = 512
	mBlock = 336
	nBlock = 2048
)

const floatSize = 4

// gemmTiled is Gemm for k > 0.
func gemmTiled(p *product, set vectorSet) {
	d := tiled{product: p, vectorSet: set}
	d.plan()
	if d.packA || d.packB {
		w := workspaces.Get().(*workspace)
		d.bufA, d.bufB = w.buffers(d.mc*d.kc+set.lanes, d.kc*d.nc+set.lanes)
		defer workspaces.Put(w)
	}
	for j := 0; j < p.n; j += d.nc {
		for l := 0; l < p.k; l += d.kc {
			for i := 0; i < p.m; i += d.mc {
				d.block(i, j, l, min(d.mc, p.m-i), min(d.nc, p.n-j), min(d.kc, p.k-l))
			}
		}
	}
}

// vectorSet is what the loops need to know of an instruction set.
type vectorSet struct {
	lanes int // float32 in a vector
	rows  int // of the tallest register tile
}

var (
	setAVX512 = vectorSet{16, 14}
	setAVX2   = vectorSet{8, 6}
)

// tiled is a product on its way through the blocks.
type tiled struct {
	*product
	vectorSet
	packA, packB bool
	mc, nc, kc   int
	bufA, bufB   []float32
}

// plan sets block sizes, and whether to pack: a copy pays if it is read often,
// or if rows that lie a multiple of a page apart would evict each other.
func (d *tiled) plan() {
	width := 2 * d.lanes
	d.kc = evenly(d.k, kBlock, 1)
	d.mc = evenly(d.m, mBlock, d.rows)
	d.nc = evenly(d.n, nBlock, width)
	if d.transA {
		d.packA = d.n > 4*width && d.lda%1024 == 0 || d.n > 8*width
	} else {
		d.packA = d.n > 8*width || d.n > 2*width && d.lda%512 == 0
	}
	d.packB = d.transB || d.m > 4*d.rows || d.m > d.rows && d.ldb%1024 == 0
}

// evenly returns the size of equal blocks, of at most the given size, that
// cover n, rounded up to a multiple of unit.
func evenly(n, most, unit int) int {
	blocks := ceilDiv(n, most)
	return ceilDiv(ceilDiv(n, blocks), unit) * unit
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// block adds the products of k in [l, l+kc) to an mc×nc block of C.
func (d *tiled) block(i, j, l, mc, nc, kc int) {
	panels := ceilDiv(mc, d.rows)
	low, taller := mc/panels, mc%panels // panels differ by one row at most
	if d.packA {
		d.packRows(i, l, kc, panels, low, taller)
	}
	t := tile{k: kc, alpha: d.alpha, beta: 1, cRow: d.ldc * floatSize}
	if l == 0 {
		t.beta = d.beta
	}
	width := 2 * d.lanes
	for jr := 0; jr < nc; jr += width {
		cols := min(width, nc-jr)
		nv := ceilDiv(cols, d.lanes)
		t.lanes = cols - (nv-1)*d.lanes
		if d.packB {
			to := d.bufB[jr*kc:]
			if i == 0 {
				d.packColumns(to, j+jr, l, kc, nv, t.lanes)
			}
			t.b, t.bStep = &to[0], nv*d.lanes*floatSize
		} else {
			t.b, t.bStep = &d.b[l*d.ldb+j+jr], d.ldb*floatSize
		}
		d.strip(&t, i, j+jr, l, low+1, taller, 0, nv)
		past := taller * (low + 1)
		d.strip(&t, i+past, j+jr, l, low, panels-taller, past*kc, nv)
	}
}

// strip runs the panels of one height; the first starts at row i of op(A), or
// at the given offset in the packed rows.
func (d *tiled) strip(t *tile, i, j, l, rows, panels, packed, nv int) {
	if panels == 0 {
		return
	}
	t.panels = panels
	t.c = &d.c[i*d.ldc+j]
	switch {
	case d.packA:
		t.a, t.aRow, t.aStep, t.aPanel = &d.bufA[packed], floatSize, rows*floatSize, rows*t.k*floatSize
	case d.transA:
		t.a, t.aRow, t.aStep, t.aPanel = &d.a[l*d.lda+i], floatSize, d.lda*floatSize, rows*floatSize
	default:
		t.a, t.aRow, t.aStep, t.aPanel = &d.a[i*d.lda+l], d.lda*floatSize, floatSize, rows*d.lda*floatSize
	}
	if d.lanes == setAVX512.lanes {
		runTileAVX512(t, rows, nv)
	} else {
		runTileAVX2(t, rows, nv)
	}
}
