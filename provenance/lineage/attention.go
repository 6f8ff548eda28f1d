package lineage

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/undertone-audit/undertone/tensor"
)

// maxHeadDim bounds the time of the eigenvectors.
const maxHeadDim = 512

// attention names the tensors that values pass through in one attention layer.
type attention struct {
	value, out, gain string
	query, key       string // "" if joined
	joined           bool   // value holds queries, keys and values
	conv             bool   // value and out are stored [in out]
	heads, kvHeads   int
	headDim, dim     int
}

// attentionOf returns the attention layer of a block.
func attentionOf(w *Weights, block map[string]string) (l attention, ok bool) {
	joined := cmp.Or(block["self_attn.qkv_proj.weight"], block["attn.c_attn.weight"])
	l.value, l.joined = cmp.Or(block["self_attn.v_proj.weight"], joined), block["self_attn.v_proj.weight"] == ""
	l.out = cmp.Or(block["self_attn.o_proj.weight"], block["attn.c_proj.weight"])
	if !l.joined {
		l.query, l.key = block["self_attn.q_proj.weight"], block["self_attn.k_proj.weight"]
	}
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
// are summed, and so do heads that attend alike.
func (l attention) read(w *Weights) (n neurons, err error) {
	classes, err := l.classes(w)
	if err != nil {
		return n, err
	}
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
	at := 0
	for _, class := range classes {
		values, outs := l.joinHeads(v, o, class)
		in, written := passed(values, outs, values.rows)
		copy(n.in.data[at*l.dim:], in.data)
		copy(n.out.data[at*l.dim:], written.data)
		at += values.rows
	}
	if len(classes) < l.kvHeads {
		n = n.written()
	}
	return n, nil
}

// repeats counts the heads of keys and values that attend like another one before them.
func (l attention) repeats(w *Weights) (int, error) {
	q, k, ok, err := l.queriesAndKeys(w)
	if err != nil || !ok {
		return 0, err
	}
	return l.kvHeads - len(equalHeads(q, k, l.headDim)), nil
}

// joinHeads returns the values of several heads as those of one, [heads·headDim dim], and what the
// groups of these heads write of them, one group member after the other.
func (l attention) joinHeads(v, o matrix, heads []int) (values, outs matrix) {
	group := l.heads / l.kvHeads
	values, outs = matrix{cols: l.dim}, matrix{cols: l.dim}
	rows := func(to *matrix, from matrix, head int) {
		to.data = append(to.data, from.slice(head*l.headDim, (head+1)*l.headDim).data...)
		to.rows += l.headDim
	}
	for _, h := range heads {
		rows(&values, v, h)
	}
	for j := range group {
		for _, h := range heads {
			rows(&outs, o, h*group+j)
		}
	}
	return values, outs
}

// written returns the neurons that write anything.
func (n neurons) written() neurons {
	var which []int
	for i := range n.len() {
		if !zero(n.out.row(i)) {
			which = append(which, i)
		}
	}
	return n.pick(which)
}

// classes returns the heads of keys and values that attend alike; each alone if queries and keys
// are not known.
func (l attention) classes(w *Weights) (classes [][]int, err error) {
	q, k, ok, err := l.queriesAndKeys(w)
	if err != nil {
		return nil, err
	}
	if ok {
		classes = equalHeads(q, k, l.headDim)
		if !slices.ContainsFunc(classes, func(c []int) bool { return len(c)*l.headDim > maxHeadDim }) {
			return classes, nil
		}
	}
	classes = nil
	for h := range l.kvHeads {
		classes = append(classes, []int{h})
	}
	return classes, nil
}

// queriesAndKeys returns the matrices of queries, [heads·headDim dim], and of keys,
// [kvHeads·headDim dim].
func (l attention) queriesAndKeys(w *Weights) (q, k matrix, ok bool, err error) {
	qRows, kRows := l.heads*l.headDim, l.kvHeads*l.headDim
	if l.joined {
		x, err := w.floats(l.value)
		if err != nil {
			return q, k, false, err
		}
		all := matrix{len(x) / l.dim, l.dim, x}
		if l.conv {
			all = matrix{l.dim, len(x) / l.dim, x}.transpose()
		}
		q, k = all.slice(0, qRows), all.slice(qRows, qRows+kRows)
	} else {
		if !slices.Equal(shape(w.Tensors, l.query), []int{qRows, l.dim}) || !slices.Equal(shape(w.Tensors, l.key), []int{kRows, l.dim}) {
			return q, k, false, nil
		}
		for name, to := range map[string]*matrix{l.query: &q, l.key: &k} {
			x, err := w.floats(name)
			if err != nil {
				return q, k, false, err
			}
			*to = matrix{len(x) / l.dim, l.dim, x}
		}
	}
	if q, err = w.scaled(q, l.gain); err != nil {
		return q, k, false, err
	}
	if k, err = w.scaled(k, l.gain); err != nil {
		return q, k, false, err
	}
	if l.dim > maxWidth {
		p := *view{}.projected(l.dim).b
		q, k = q.times(p), k.times(p)
	}
	return q, k, true, nil
}

// passed returns the singular vectors of the product of the values of a head, v [headDim dim], and
// of what is written of them by each head of a group, o [heads·headDim dim], as rows: those that
// are read, and those that are written, summed over the group. A direction of a singular value
// below 1e-4 of the largest is zero: it is rounding.
func passed(v, o matrix, headDim int) (in, written matrix) {
	// With v = U·S·Wᵀ, the product with oᵀ has the right singular vectors W·Y, where Y are the
	// eigenvectors of S·Uᵀ·(Σ o·oᵀ)·U·S.
	u, squares := eigen(v.times(v, tensor.TransposeB))
	if !(squares[headDim-1] > leastSquare*squares[0]) {
		v, o = orthonormal(v, o)
		u, squares = eigen(v.times(v, tensor.TransposeB))
	}
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
