//go:build !purego

package kernel

// packRows copies panels of op(A), taller panels first, step by step of k.
func (d *tiled) packRows(i, l, kc, panels, low, taller int) {
	to := 0
	for q := range panels {
		rows := low
		if q < taller {
			rows++
		}
		p := panel{steps: kc, fromRow: d.lda * floatSize, to: &d.bufA[to], toRow: rows * floatSize, lanes: rows}
		if d.transA {
			p.from = &d.a[l*d.lda+i]
			d.copy(&p, 1)
		} else {
			p.from = &d.a[i*d.lda+l]
			d.transpose(&p)
		}
		i += rows
		to += rows * kc
	}
}

// packColumns copies a panel of op(B) of nv vectors. The last vector has the given number of
// columns; its other columns become zero.
func (d *tiled) packColumns(to []float32, j, l, kc, nv, lanes int) {
	p := panel{steps: kc, fromRow: d.ldb * floatSize, to: &to[0], toRow: nv * d.lanes * floatSize, lanes: lanes}
	if !d.transB { // has no wide panels: see plan
		p.from = &d.b[l*d.ldb+j]
		d.copy(&p, nv)
		return
	}
	for v := range nv {
		p.from, p.to, p.lanes = &d.b[(j+v*d.lanes)*d.ldb+l], &to[v*d.lanes], d.lanes
		if v == nv-1 {
			p.lanes = lanes
		}
		d.transpose(&p)
	}
}

func (s vectorSet) copy(p *panel, nv int) {
	switch {
	case s.lanes == setAVX512.lanes && nv == 1:
		packCopy1AVX512(p)
	case s.lanes == setAVX512.lanes:
		packCopy2AVX512(p)
	case nv == 1:
		packCopy1AVX2(p)
	default:
		packCopy2AVX2(p)
	}
}

func (s vectorSet) transpose(p *panel) {
	if s.lanes == setAVX512.lanes {
		packTransposeAVX512(p)
	} else {
		packTransposeAVX2(p)
	}
}
