package lineage

import (
	"cmp"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/undertone-audit/undertone/tensor"
)

// maxHeadDim bounds the time of the eigenvectors.
const maxHeadDim = 512

// attention names the tensors that values pass through in one attention layer.
type attention struct {
	value, out, gain string
	joined           bool // value holds queries, keys and values
	conv             bool // value and out are stored [in out]
	heads, kvHeads   int
	headDim, dim     int
}

// attentionOf returns the attention layer of a block.
func attentionOf(w *Weights, block map[string]string) (l attention, ok bool) {
	joined := cmp.Or(block["self_attn.qkv_proj.weight"], block["attn.c_attn.weight"])
	l.value, l.joined = cmp.Or(block["self_attn.v_proj.weight"], joined), block["self_attn.v_proj.weight"] == ""
	l.out = cmp.Or(block["self_attn.o_proj.weight"], block["attn.c_proj.weight"])
	l.conv = l.joined && l.value != "" && l.value == block["attn.c_attn.weight"]
	l.gain = cmp.Or(block["input_layernorm.weight"], block["ln_1.weight"])
	l.headDim = w.HeadDim
	value, out := shape(w.Tensors, l.value), shape(w.Tensors, l.out)
	if len(value) != 2 || len(out) != 2 || l.headDim < 1 || l.headDim > maxHeadDim {
		return l, false
	}
	if l.conv {
		value[0], value[1], out[0], out[1] = value[1], value[0], out[1], out[0]
	}
	l.dim, l.heads, l.kvHeads = value[1], out[1]/l.headDim, value[0]/l.headDim
	if l.joined {
		l.kvHeads = (value[0] - out[1]) / 2 / l.headDim
	}
	if g := shape(w.Tensors, l.gain); l.gain != "" && (len(g) != 1 || g[0] != l.dim) {
		return l, false
	}
	rows := l.kvHeads * l.headDim
	if l.joined {
		rows = out[1] + 2*rows
	}
	return l, out[0] == l.dim && out[1] == l.heads*l.headDim && value[0] == rows &&
		l.kvHeads > 0 && l.heads%l.kvHeads == 0 && rows > 1 && l.dim > 1
}

// read returns the directions in which the values of each head pass: the right and left singular
// vectors of what the head writes of what it reads. They do not depend on the order of the heads
// and on the basis inside of a head. Heads that share their values count as one, whose left vectors
// are summed.
func (l attention) read(w *Weights) (n neurons, err error) {
	value, err := w.floats(l.value)
	if err != nil {
		return n, err
	}
	out, err := w.floats(l.out)
	if err != nil {
		return n, err
	}
	width, rows := l.heads*l.headDim, l.kvHeads*l.headDim
	v, o := matrix{len(value) / l.dim, l.dim, value}, matrix{width, l.dim, out} // o is [heads·headDim, dim]
	if l.conv {
		v = matrix{l.dim, len(value) / l.dim, value}.transpose()
	} else {
		o = matrix{l.dim, width, out}.transpose()
	}
	if v, err = w.scaled(v.slice(v.rows-rows, v.rows), l.gain); err != nil {
		return n, err
	}
	if l.conv {
		v, o = v.withoutRowMeans(), o.withoutRowMeans()
	}
	n = neurons{in: newMatrix(rows, l.dim), out: newMatrix(rows, l.dim), unsigned: true}
	group := l.heads / l.kvHeads * l.headDim
	for h := range l.kvHeads {
		from, to := h*l.headDim, (h+1)*l.headDim
		in, written := passed(v.slice(from, to), o.slice(h*group, (h+1)*group), l.headDim)
		copy(n.in.data[from*l.dim:], in.data)
		copy(n.out.data[from*l.dim:], written.data)
	}
	return n, nil
}

// passed returns the singular vectors of the product of the values of a head, v [headDim dim], and
// of what is written of them by each head of a group, o [heads·headDim dim], as rows: those that
// are read, and those that are written, summed over the group. A direction of a singular value
// below 1e-4 of the largest is zero: it is rounding.
func passed(v, o matrix, headDim int) (in, written matrix) {
	// With v = U·S·Wᵀ, the product with oᵀ has the right singular vectors W·Y, where Y are the
	// eigenvectors of S·Uᵀ·(Σ o·oᵀ)·U·S.
	u, squares := eigen(v.times(v, tensor.TransposeB))
	for k := range headDim {
		for i := range headDim { // u becomes U·S
			u.data[i*headDim+k] *= float32(math.Sqrt(max(0, squares[k])))
		}
	}
	sum, inner := newMatrix(headDim, o.cols), newMatrix(headDim, headDim)
	for at := 0; at < o.rows; at += headDim {
		x := o.slice(at, at+headDim)
		for i, g := range x.times(x, tensor.TransposeB).data {
			inner.data[i] += g
		}
		for i, s := range x.data {
			sum.data[i] += s
		}
	}
	y, powers := eigen(u.times(inner, tensor.TransposeA).times(u))
	us := u.times(y)                           // U·S·Y
	written = us.times(sum, tensor.TransposeA) // [headDim dim]
	inverse := newMatrix(headDim, headDim)     // U·S⁻¹
	for k := range headDim {
		if squares[k] <= 1e-8*squares[0] {
			continue
		}
		for i := range headDim {
			inverse.data[i*headDim+k] = u.data[i*headDim+k] / float32(squares[k])
		}
	}
	in = inverse.times(y).times(v, tensor.TransposeA)
	for k := range headDim {
		if !(powers[k] > 1e-8*powers[0]) {
			clear(in.row(k))
			clear(written.row(k))
		}
	}
	return in, written
}

// eigen returns the eigenvectors of a symmetric matrix as columns, and the eigenvalues, largest
// first.
func eigen(m matrix) (vectors matrix, values []float64) {
	n := m.rows
	s := mat.NewSymDense(n, nil)
	vectors, values = newMatrix(n, n), make([]float64, n)
	for i := range n {
		for j := i; j < n; j++ {
			v := float64(m.data[i*n+j])
			if v-v != 0 {
				return vectors, values // zeros: nothing is matched
			}
			s.SetSym(i, j, v)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(s, true) {
		return vectors, values
	}
	var v mat.Dense
	e.VectorsTo(&v)
	ascending := e.Values(nil)
	for k := range n {
		values[k] = ascending[n-1-k]
		for i := range n {
			vectors.data[i*n+k] = float32(v.At(i, n-1-k))
		}
	}
	return vectors, values
}
