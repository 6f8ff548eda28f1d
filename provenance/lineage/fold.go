package lineage

import (
	"math"

	"github.com/undertone-audit/undertone/tensor"
)

// A gated layer computes Σ silu(gᵢ·x)(uᵢ·x)dᵢ, and silu(z) = z/2 + e(z) with an even function e.
// The functions e(g·x) of different ±g are linearly independent. The layer therefore fixes the sums
// M = Σ dᵢ⊗uᵢ over the neurons of one ±g. Neurons that are split, or that cancel each other, do not
// change them. In the same way attention fixes the sum of the values of the heads that have equal
// queries and keys.
const (
	foldCosine = 0.9  // least absolute cosine of gates that are one
	foldRatio  = 1.25 // largest ratio of their lengths
	foldNoise  = 1e-3 // a smaller share of what neurons of one gate write counts as rounding
	headCosine = 0.95 // least cosine of the products of queries and keys that are one
)

// folded returns the neurons of a gated layer with one neuron for each direction that the neurons
// of one gate write. Signs of gates are arbitrary afterwards.
func (n neurons) folded() neurons {
	f := neurons{in: matrix{cols: n.in.cols}, out: matrix{cols: n.out.cols}, up: matrix{cols: n.up.cols}, unsigned: true}
	add := func(in, up, out []float32) {
		f.in, f.up, f.out = f.in.with(in), f.up.with(up), f.out.with(out)
	}
	for _, class := range n.gates() {
		if len(class) == 1 || len(class) > maxHeadDim {
			for _, i := range class {
				add(n.in.row(i), n.up.row(i), n.out.row(i))
			}
			continue
		}
		up, out := n.up.pick(class), n.out.pick(class)
		written := 0.0
		for i := range class {
			written += norm(up.row(i)) * norm(out.row(i))
		}
		u, d := passed(up, out, len(class))
		for i := range class {
			if size := norm(d.row(i)); size > foldNoise*written && size >= 0.1*norm(d.row(0)) {
				add(n.in.row(class[0]), u.row(i), d.row(i))
			}
		}
	}
	return f
}

// with returns the matrix with one more row.
func (m matrix) with(row []float32) matrix {
	return matrix{m.rows + 1, m.cols, append(m.data, row...)}
}

// gates returns the neurons with equal or opposite gates. The first of each class is its earliest.
func (n neurons) gates() (classes [][]int) {
	unit := n.in.units()
	class := make([]int, n.len())
	for i := range class {
		class[i] = -1
	}
	for from := 0; from < n.len(); from += blockRows {
		to := min(from+blockRows, n.len())
		s := unit.slice(from, to).times(unit, tensor.TransposeB)
		absolute(s)
		for i := from; i < to; i++ {
			if class[i] >= 0 {
				continue
			}
			class[i] = len(classes)
			members, size := []int{i}, norm(n.in.row(i))
			for j := i + 1; j < n.len() && size > 0; j++ {
				if class[j] < 0 && s.row(i - from)[j] >= foldCosine && math.Abs(math.Log(norm(n.in.row(j))/size)) <= math.Log(foldRatio) {
					class[j] = len(classes)
					members = append(members, j)
				}
			}
			classes = append(classes, members)
		}
	}
	return classes
}

// equalHeads returns the heads of keys and values that attend alike: the products of queries and
// keys of their groups agree in order. q [heads·headDim dim], k [kvHeads·headDim dim].
func equalHeads(q, k matrix, headDim int) (classes [][]int) {
	heads, kvHeads := q.rows/headDim, k.rows/headDim
	group := heads / kvHeads
	q, k = balanced(q, k, headDim)
	qq, kk := q.times(q, tensor.TransposeB), k.times(k, tensor.TransposeB)
	// The inner product of Q₁ᵀK₁ and Q₂ᵀK₂ is the sum of the elements of Q₁Q₂ᵀ times those of K₁K₂ᵀ.
	inner := func(a, b, j int) float64 {
		sum := 0.0
		for r := range headDim {
			x := qq.row((a*group+j)*headDim + r)[(b*group+j)*headDim:]
			y := kk.row(a*headDim + r)[b*headDim:]
			for c := range headDim {
				sum += float64(x[c]) * float64(y[c])
			}
		}
		return sum
	}
	alike := func(a, b int) bool {
		for j := range group {
			size := math.Sqrt(inner(a, a, j) * inner(b, b, j))
			if !(size > 0) || inner(a, b, j) < headCosine*size {
				return false
			}
		}
		return true
	}
	for h := range kvHeads {
		found := false
		for c, members := range classes {
			if alike(members[0], h) {
				classes[c], found = append(members, h), true
				break
			}
		}
		if !found {
			classes = append(classes, []int{h})
		}
	}
	return classes
}
