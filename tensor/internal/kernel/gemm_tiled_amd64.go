//go:build !purego

package kernel

// Sizes of the blocks of matrix multiplication, in elements, after Goto & van de Geijn, "Anatomy of
// High-Performance Matrix Multiplication" (2008): a panel of kBlock rows of B is near the
// first-level cache while a block of A is in the second-level cache and a block of B in the third.
// kBlock determines where a sum is rounded to memory, and so the bits: it is the same for both
// instruction sets.
const (
	kBlock = 1024
	aBlock = 112 * kBlock
	bBlock = 1024 * kBlock
)

// vectorSet is the parameters of an instruction set that the loops need.
type vectorSet struct {
	lanes    int // float32 in a vector
	tileRows int // of the tallest register tile
	wideRows int // of the tallest register tile with 4 vectors a row
}

var (
	setAVX512 = vectorSet{16, 14, 4}
	setAVX2   = vectorSet{8, 6, 2}
)

// tiled is a product that is computed block by block.
type tiled struct {
	product
	vectorSet
	width        int // of a panel of B
	packA, packB bool
	bufA, bufB   []float32
}

// gemmTiled is Gemm for k > 0.
func gemmTiled(p *product, set vectorSet) {
	d := tiled{product: *p, vectorSet: set, width: 2 * set.lanes}
	if d.n == 1 && d.ldc == 1 && (d.transA || d.m*d.k >= 1024) {
		d.product = p.transposed() // a row of C fills vectors, a column does not
	}
	if d.m <= d.wideRows {
		d.width *= 2
	}
	d.plan()
	if !d.packA && !d.packB && d.k <= kBlock && d.m*d.k <= aBlock && d.n*d.k <= bBlock {
		d.block(0, 0, 0, d.m, d.n, d.k)
		return
	}
	kc := evenly(d.k, kBlock, 1)
	mc := evenly(d.m, aBlock/kc, d.tileRows)
	nc := evenly(d.n, bBlock/kc, d.width)
	if d.packA || d.packB {
		w := workspaces.Get().(*workspace)
		defer workspaces.Put(w)
		d.bufA, d.bufB = w.buffers(mc*kc+d.lanes, kc*(nc+d.lanes)) // whole vectors are written
	}
	for j := 0; j < d.n; j += nc {
		for l := 0; l < d.k; l += kc {
			for i := 0; i < d.m; i += mc {
				d.block(i, j, l, min(mc, d.m-i), min(nc, d.n-j), min(kc, d.k-l))
			}
		}
	}
}

// plan decides what to copy. Measured: a copy of B is faster if many panels read it and either its
// rows evict each other from the cache or it does not fit in the second-level cache. A copy of A is
// faster if its rows evict each other and a panel has more rows than a set of the first-level cache
// has ways, or if a step of a transposed A uses little of each cache line.
func (d *tiled) plan() {
	conflict := d.ldb*floatSize%2048 == 0
	d.packB = d.transB || d.m >= 5*d.tileRows && conflict || d.m > 8*d.tileRows && d.k*d.n > d.lanes<<14
	if d.tileRows*floatSize < 32 {
		d.packA = d.transA && d.n > 4*d.width
	} else {
		d.packA = d.n > 8*d.width && d.lda*floatSize%4096 == 0
	}
}

// evenly returns the size of equal blocks of at most the given size that cover n, rounded up to a
// multiple of unit if there are several.
func evenly(n, most, unit int) int {
	if n <= most {
		return n
	}
	blocks := ceilDiv(n, most)
	return ceilDiv(ceilDiv(n, blocks), unit) * unit
}

// block adds the products of k in [l, l+kc) to an mc×nc block of C.
func (d *tiled) block(i, j, l, mc, nc, kc int) {
	panels, low, taller := 1, mc, 0
	if mc > d.tileRows {
		panels = ceilDiv(mc, d.tileRows)
		low, taller = mc/panels, mc%panels // panels differ by at most one row
	}
	if d.packA {
		d.packRows(i, l, kc, panels, low, taller)
	}
	t := tile{k: kc, alpha: d.alpha, beta: 1, cRow: d.ldc * floatSize}
	if l == 0 {
		t.beta = d.beta
	}
	for jr := 0; jr < nc; jr += d.width {
		cols := min(d.width, nc-jr)
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
		if taller > 0 {
			d.strip(t, i, j+jr, l, low+1, taller, 0, nv)
		}
		past := taller * (low + 1)
		d.strip(t, i+past, j+jr, l, low, panels-taller, past*kc, nv)
	}
}

// strip computes the panels of one height. The first one starts at row i of op(A), or at the given
// offset in the packed rows.
func (d *tiled) strip(t tile, i, j, l, rows, panels, packed, nv int) {
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
		runTileAVX512(&t, rows, nv)
	} else {
		runTileAVX2(&t, rows, nv)
	}
}
