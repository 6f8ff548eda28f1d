package corpus

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// maxCovariates is the largest number of covariates. A regression uses at most one covariate for
// each covariateUnits observations.
const (
	maxCovariates  = 100
	covariateUnits = 10
)

// covariates describe the layout of each row by numbers. The first ones matter most: the length,
// the number of items and the number of each mark, on a logarithmic scale, and then the features of
// the layout channel, those with the largest variance first.
type covariates struct{ columns [][]float64 } // covariate by row

func newCovariates(layout *featureChannel, rows []row) *covariates {
	n := len(rows)
	var c covariates
	column := func(of func(r *row) float64) {
		x := make([]float64, n)
		for i := range rows {
			x[i] = of(&rows[i])
		}
		if variance(x) > 0 {
			c.columns = append(c.columns, x)
		}
	}
	items := func(r *row) float64 { return float64(len(r.numbers) + len(r.words)) }
	column(func(r *row) float64 { return math.Log1p(float64(len(r.text))) })
	column(func(r *row) float64 { return math.Log1p(items(r)) })
	column(items)
	var total [256]int
	for i := range rows {
		for mark, k := range marks(rows[i].text) {
			total[mark] += k
		}
	}
	for mark, k := range total {
		if k > 0 {
			column(func(r *row) float64 { return math.Log1p(float64(marks(r.text)[mark])) })
		}
	}
	c.rank(c.columns)
	bins := make([][]float64, len(layout.vocabulary.keys))
	for id := range bins {
		bins[id] = make([]float64, n)
	}
	for i := range rows {
		for _, f := range layout.features[i] {
			bins[f.id][i] += float64(f.value)
		}
	}
	c.rank(bins)
	c.columns = slices.Clip(append(c.columns, bins...))
	c.columns = c.columns[:min(len(c.columns), maxCovariates)]
	return &c
}

// rank sorts columns by their variance, the largest first.
func (*covariates) rank(columns [][]float64) {
	slices.SortStableFunc(columns, func(a, b []float64) int { return cmp.Compare(variance(b), variance(a)) })
}

func variance(x []float64) float64 {
	sum, squares, n := 0.0, 0.0, float64(len(x))
	for _, v := range x {
		sum += v / n
	}
	for _, v := range x {
		squares += (v - sum) * (v - sum) / n
	}
	return squares
}

// marks counts the bytes of a text that are no digits or letters.
func marks(text string) (count [256]int) {
	for i := range len(text) {
		if c := text[i]; byteClass(c) == c {
			count[c]++
		}
	}
	return count
}

// basis returns an orthonormal basis of the contrasts of the covariates of units, or nil if there
// is none. A unit has the mean of its rows.
func (c *covariates) basis(blocks []block) *mat.Dense {
	if c == nil {
		return nil
	}
	units := unitsOf(blocks)
	n := len(units) - len(blocks)
	return orthonormal(n, c.columns, func(column []float64) []float64 {
		out := make([]float64, n)
		contrasts(blocks, means(units, column), out)
		return out
	})
}

// residuals returns a function that subtracts from scores what a linear regression on the
// covariates predicts. The regression is on contrasts within blocks, and it predicts deviations
// from the mean of the block, so that it does not mix up the layout with the prompt. Scores of rows
// outside of the blocks stay.
func (c *covariates) residuals(blocks []block) func(scores []float64) {
	units := unitsOf(blocks)
	n := len(units) - len(blocks)
	contrast := func(column []float64) *mat.VecDense {
		out := make([]float64, n)
		contrasts(blocks, means(units, column), out)
		return mat.NewVecDense(n, out)
	}
	var used [][]float64 // deviations of the rows from their blocks
	var design []*mat.VecDense
	for _, column := range c.columns[:min(len(c.columns), n/covariateUnits)] {
		if z := contrast(column); mat.Norm(z, 2) > 1e-9 {
			used, design = append(used, deviations(blocks, column)), append(design, z)
		}
	}
	d := len(used)
	if d == 0 {
		return func([]float64) {}
	}
	normal := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			normal.SetSym(i, j, mat.Dot(design[i], design[j]))
		}
	}
	for i := range d { // for columns that depend on each other
		normal.SetSym(i, i, normal.At(i, i)*(1+1e-6))
	}
	var factors mat.Cholesky
	if !factors.Factorize(normal) {
		return func([]float64) {}
	}
	return func(scores []float64) {
		s := contrast(scores)
		right, slope := mat.NewVecDense(d, nil), mat.NewVecDense(d, nil)
		for j := range d {
			right.SetVec(j, mat.Dot(design[j], s))
		}
		if err := factors.SolveVecTo(slope, right); err != nil {
			return
		}
		for j, column := range used {
			axpy(-slope.AtVec(j), column, scores)
		}
	}
}

// deviations returns the values of rows minus the mean over the units of their block, and 0 for
// rows outside of the blocks.
func deviations(blocks []block, values []float64) []float64 {
	out := make([]float64, len(values))
	for _, b := range blocks {
		mean := 0.0
		for _, m := range means(b, values) {
			mean += m / float64(len(b))
		}
		for _, u := range b {
			for _, i := range u.rows {
				out[i] = values[i] - mean
			}
		}
	}
	return out
}

// means returns the mean of the values of the rows of each unit.
func means(units []unit, values []float64) []float64 {
	mean := make([]float64, len(units))
	for at, u := range units {
		for _, i := range u.rows {
			mean[at] += values[i] / float64(len(u.rows))
		}
	}
	return mean
}

// orthonormal returns an orthonormal basis of the first n/covariateUnits columns as transform
// changes them (Gram and Schmidt, twice). It leaves out columns that depend on the ones before.
func orthonormal(n int, columns [][]float64, transform func([]float64) []float64) *mat.Dense {
	var basis [][]float64
	for _, column := range columns[:min(len(columns), n/covariateUnits)] {
		x := transform(column)
		before := math.Sqrt(dot(x, x))
		for range 2 {
			for _, b := range basis {
				axpy(-dot(b, x), b, x)
			}
		}
		if after := math.Sqrt(dot(x, x)); after > 1e-6*before && after > 1e-9 {
			for i := range x {
				x[i] /= after
			}
			basis = append(basis, x)
		}
	}
	if len(basis) == 0 {
		return nil
	}
	dense := mat.NewDense(n, len(basis), nil)
	for j, b := range basis {
		dense.SetCol(j, b)
	}
	return dense
}
