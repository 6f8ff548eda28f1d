package corpus

import (
	"context"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/undertone-audit/undertone/audit/stats"
)

// penalties are the ridge penalties of an [armTest], as multiples of the mean squared length of a
// contrast. Single content channels decide nothing: they are tested with onePenalty, on one part,
// by fewRelabellings.
var penalties, onePenalty = []float64{1, 10, 100}, []float64{10}

const fewRelabellings = 199

// armTest tests whether the features of units depend on their arm.
//
// Null: the arms of the units are exchangeable within blocks. The statistic is the share of the
// variance of the arms, within blocks, that a ridge regression on the features of the units
// explains. It is standardised over the relabellings for each of several penalties, and the largest
// counts, so the choice of a penalty is part of the test. A unit has the mean of the features of
// its rows, so a copied row counts once.
//
// Given covariates, the arms and the features are replaced by what a linear regression on the
// covariates leaves of them (Freedman & Lane 1983), in the observed data and in each relabelling.
// The null is then that arms are exchangeable given the covariates. The test is exact without
// covariates, and approximate with them. Ties follow [stats.Tail].
//
// No step needs folds. The p-value depends on the seed by the drawn relabellings alone.
type armTest struct {
	parts  [][]block
	labels []*mat.Dense // of each part: contrasts × relabellings; column 0 is observed
}

// newArmTest draws the relabellings.
func newArmTest(parts [][]block, draws int, rng *rand.Rand) *armTest {
	t := &armTest{parts: parts}
	for _, blocks := range parts {
		units := unitsOf(blocks)
		n := len(units) - len(blocks)
		labels := mat.NewDense(n, draws+1, nil)
		arms, column := make([]float64, len(units)), make([]float64, n)
		for at, u := range units {
			arms[at] = float64(btoi(u.suspect))
		}
		contrasts(blocks, arms, column)
		labels.SetCol(0, column)
		for draw := range draws {
			at := 0
			for _, b := range blocks {
				suspects := b.suspects()
				for rank, j := range randomOrder(len(b), rng) {
					arms[at+j] = float64(btoi(rank < suspects))
				}
				at += len(b)
			}
			contrasts(blocks, arms, column)
			labels.SetCol(draw+1, column)
		}
		t.labels = append(t.labels, labels)
	}
	return t
}

// small returns a test of the first part alone, with at most fewRelabellings of the relabellings.
func (t *armTest) small() *armTest {
	if len(t.parts) == 0 {
		return t
	}
	n, columns := t.labels[0].Dims()
	few := mat.DenseCopyOf(t.labels[0].Slice(0, n, 0, min(columns, fewRelabellings+1)))
	return &armTest{t.parts[:1], []*mat.Dense{few}}
}

// contrasts turns a value of each unit into orthonormal contrasts within blocks (Helmert): of each
// block one fewer than it has units. Contrast k compares unit k with the mean of the units before.
func contrasts(blocks []block, values, out []float64) {
	from, to := 0, 0
	for _, b := range blocks {
		sum := values[from]
		for k := 1; k < len(b); k++ {
			n := float64(k)
			out[to] = (sum - n*values[from+k]) / math.Sqrt(n*(n+1))
			sum += values[from+k]
			to++
		}
		from += len(b)
	}
}

// minOverlap is the smallest share of the variance of the arms that covariates must leave for a
// test.
const minOverlap = 0.05

// p tests the features of a channel. covariates may be nil. overlap is the share of the variance of
// the arms that covariates leave, 1 without covariates. If it is below minOverlap, nothing can be
// tested and p is 1.
func (t *armTest) p(ctx context.Context, channel *featureChannel, covariates *covariates, penalties []float64) (p stats.PValue, overlap float64, err error) {
	draws := 0
	var explained [][]float64 // by penalty and relabelling
	var length, all []float64 // of the labels, by relabelling
	freedom := 0.0            // share of the contrasts that covariates leave
	total := 0.0
	for k, blocks := range t.parts {
		if err := ctx.Err(); err != nil {
			return stats.PValue{}, 0, err
		}
		n, columns := t.labels[k].Dims()
		if explained == nil {
			draws = columns - 1
			length, all = make([]float64, columns), make([]float64, columns)
			for range penalties {
				explained = append(explained, make([]float64, columns))
			}
		}
		gram := contrastGram(blocks, channel)
		basis := covariates.basis(blocks)
		project(gram, basis)
		addSquares(all, t.labels[k], 1)
		addSquares(length, t.labels[k], 1)
		if basis != nil {
			var along mat.Dense
			along.Mul(basis.T(), t.labels[k])
			addSquares(length, &along, -1)
			_, d := basis.Dims()
			freedom -= float64(d)
		}
		freedom += float64(n)
		total += float64(n)
		for j, penalty := range penalties {
			addExplained(explained[j], gram, t.labels[k], penalty)
		}
	}
	if total == 0 || freedom <= 0 {
		return stats.PValue{P: 1, Floor: 1}, 0, nil
	}
	overlap = min(1, length[0]/all[0]/(freedom/total))
	if overlap < minOverlap {
		return stats.PValue{P: 1, Floor: 1}, overlap, nil
	}
	best := make([]float64, draws+1)
	for c := range best {
		best[c] = math.Inf(-1)
	}
	for _, e := range explained {
		for c := range e {
			if length[c] > 0 {
				e[c] /= length[c]
			}
		}
		var l location
		standard := l.of(e)
		for c, x := range standard {
			best[c] = max(best[c], x)
		}
	}
	tail := stats.NewTail(best[0], 1)
	for _, b := range best[1:] {
		tail.Add(b)
	}
	return tail.MonteCarlo(), overlap, nil
}

// of returns x with mean 0 and standard deviation 1.
func (l location) of(x []float64) []float64 {
	rows := make([]int, len(x))
	for i := range rows {
		rows[i] = i
	}
	out := append([]float64{}, x...)
	standardise(out, rows)
	return out
}

// addSquares adds sign times the squared length of each column of x to sum.
func addSquares(sum []float64, x *mat.Dense, sign float64) {
	n, _ := x.Dims()
	for i := range n {
		for c, v := range x.RawRowView(i) {
			sum[c] += sign * v * v
		}
	}
}

// addExplained adds yᵀK(K+λ)⁻¹y = yᵀy − λ·yᵀ(K+λ)⁻¹y of each column y of the labels to sum. λ is
// penalty times the mean of the diagonal of K.
func addExplained(sum []float64, gram *mat.SymDense, labels *mat.Dense, penalty float64) {
	n := gram.SymmetricDim()
	lambda := penalty * mat.Trace(gram) / float64(n)
	if lambda < 1e-12 {
		return // the units have equal features
	}
	ridge := mat.NewSymDense(n, nil)
	ridge.CopySym(gram)
	for i := range n {
		ridge.SetSym(i, i, ridge.At(i, i)+lambda)
	}
	var factors mat.Cholesky
	if !factors.Factorize(ridge) {
		return // cannot happen: the smallest eigenvalue is at least λ, up to rounding
	}
	var solved mat.Dense
	if err := factors.SolveTo(&solved, labels); err != nil {
		return
	}
	for i := range n {
		y, s := labels.RawRowView(i), solved.RawRowView(i)
		for c := range y {
			sum[c] += y[c] * (y[c] - lambda*s[c])
		}
	}
}

// contrastGram returns the inner products of the contrasts of the units' features.
func contrastGram(blocks []block, channel *featureChannel) *mat.SymDense {
	units := unitsOf(blocks)
	inner := make([][]float64, len(units))
	for a := range inner {
		inner[a] = make([]float64, len(units))
	}
	channel.eachProduct(channel.vectors(units), func(a, b int, product, _, _ float64) {
		inner[a][b], inner[b][a] = product, product
	})
	n := len(units) - len(blocks)
	half := mat.NewDense(len(units), n, nil)
	for a := range inner {
		contrasts(blocks, inner[a], half.RawRowView(a))
	}
	gram := mat.NewSymDense(n, nil)
	column, out := make([]float64, len(units)), make([]float64, n)
	for j := range n {
		contrasts(blocks, mat.Col(column, j, half), out)
		for i := range j + 1 {
			gram.SetSym(i, j, out[i])
		}
	}
	return gram
}

// project changes the inner products to those of the residuals of a regression on an orthonormal
// basis. A nil basis changes nothing.
func project(gram *mat.SymDense, basis *mat.Dense) {
	if basis == nil {
		return
	}
	n, d := basis.Dims()
	var along, inside, back mat.Dense
	along.Mul(gram, basis)          // KB
	inside.Mul(basis.T(), &along)   // BᵀKB
	back.Mul(&along, basis.T())     // KBBᵀ
	both := mat.NewDense(n, d, nil) // B·BᵀKB
	both.Mul(basis, &inside)
	var twice mat.Dense
	twice.Mul(both, basis.T())
	for i := range n {
		for j := i; j < n; j++ {
			gram.SetSym(i, j, gram.At(i, j)-back.At(i, j)-back.At(j, i)+twice.At(i, j))
		}
	}
}
