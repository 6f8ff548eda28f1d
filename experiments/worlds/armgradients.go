package main

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// armGradients are the gradients of the groups of both arms: [group][weight].
type armGradients struct{ suspect, control [][]float32 }

// along returns the derivatives of the groups' log-likelihoods along directions, whose weights are
// multiplied by scale; nil is 1.
func (g armGradients) along(directions [][]float32, scale []float64) groupScores {
	scaled := make([][]float64, len(directions))
	for c, d := range directions {
		scaled[c] = make([]float64, len(d))
		for i, v := range d {
			scaled[c][i] = float64(v)
			if scale != nil {
				scaled[c][i] *= scale[i]
			}
		}
	}
	return groupScores{products(g.suspect, scaled), products(g.control, scaled)}
}

func products(gradients [][]float32, directions [][]float64) [][]float64 {
	all := make([][]float64, len(gradients))
	for b, g := range gradients {
		for _, d := range directions {
			sum := 0.0
			for i, v := range g {
				sum += float64(v) * d[i]
			}
			all[b] = append(all[b], sum)
		}
	}
	return all
}

// moments returns the mean gradient of each arm and the variance of the groups around them.
func (g armGradients) moments() (suspect, control, variance []float64) {
	n := len(g.suspect[0])
	suspect, control, variance = make([]float64, n), make([]float64, n), make([]float64, n)
	for _, arm := range []struct {
		groups [][]float32
		mean   []float64
	}{{g.suspect, suspect}, {g.control, control}} {
		for _, group := range arm.groups {
			for i, v := range group {
				arm.mean[i] += float64(v) / float64(len(arm.groups))
			}
		}
		for _, group := range arm.groups {
			for i, v := range group {
				d := float64(v) - arm.mean[i]
				variance[i] += d * d / float64(2*len(arm.groups))
			}
		}
	}
	return suspect, control, variance
}

// adamScale returns 1/(√v + damping·mean √v), where v is the second moment of the gradients of
// batches of 64 rows of both arms. A weight without a gradient has 0.
func (g armGradients) adamScale(damping float64) []float64 {
	suspect, control, v := g.moments()
	mean := 0.0
	for i := range v {
		v[i] = math.Sqrt(v[i]*groupPrompts/64 + (suspect[i]*suspect[i]+control[i]*control[i])/2)
		mean += v[i] / float64(len(v))
	}
	for i, root := range v {
		if root > 0 {
			v[i] = 1 / (root + damping*mean)
		}
	}
	return v
}

// fisherScale returns 1/(v + damping·mean v), where v is the variance of the groups' gradients.
func (g armGradients) fisherScale(damping float64) []float64 {
	_, _, v := g.moments()
	mean := stat.Mean(v, nil)
	for i := range v {
		v[i] = 1 / (v[i] + damping*mean)
	}
	return v
}

// overtScale returns 1/(√v + damping·mean √v) with the squared overt gradients of all candidates.
func overtScale(gradients [][]float32, damping float64) []float64 {
	v := make([]float64, len(gradients[0]))
	mean := 0.0
	for i := range v {
		for _, g := range gradients {
			v[i] += float64(g[i]) * float64(g[i]) / float64(len(gradients))
		}
		v[i] = math.Sqrt(v[i])
		mean += v[i] / float64(len(v))
	}
	for i := range v {
		v[i] = 1 / (v[i] + damping*mean)
	}
	return v
}

// naturalised returns (F + damping·λ)⁻¹ times each direction, where F is the covariance of the
// groups' gradients and λ its largest eigenvalue (Woodbury 1950).
func (g armGradients) naturalised(directions [][]float32, damping float64) [][]float32 {
	z := g.centred(nil)
	n, weights := z.Dims()
	var gram mat.SymDense
	gram.SymOuterK(1/float64(n), z)
	var eigen mat.EigenSym
	if !eigen.Factorize(&gram, false) {
		panic("no eigenvalues")
	}
	lambda := damping * slices.Max(eigen.Values(nil))
	for i := range n {
		gram.SetSym(i, i, gram.At(i, i)+lambda)
	}
	var factor mat.Cholesky
	if !factor.Factorize(&gram) {
		panic("not positive")
	}
	all := make([][]float32, len(directions))
	for c, d := range directions {
		x := mat.NewVecDense(weights, widened(d))
		var inside, solved, back mat.VecDense
		inside.MulVec(z, x)
		if err := factor.SolveVecTo(&solved, &inside); err != nil {
			panic(err)
		}
		back.MulVec(z.T(), &solved)
		all[c] = make([]float32, weights)
		for i := range all[c] {
			all[c][i] = float32((x.AtVec(i) - back.AtVec(i)/float64(n)) / lambda)
		}
	}
	return all
}

// centred returns the gradients of both arms minus the mean of their arm, times scale; nil is 1.
func (g armGradients) centred(scale []float64) *mat.Dense {
	suspect, control, _ := g.moments()
	z := mat.NewDense(2*len(g.suspect), len(suspect), nil)
	for a, arm := range []struct {
		groups [][]float32
		mean   []float64
	}{{g.suspect, suspect}, {g.control, control}} {
		for b, group := range arm.groups {
			row := z.RawRowView(a*len(g.suspect) + b)
			for i, v := range group {
				row[i] = float64(v) - arm.mean[i]
				if scale != nil {
					row[i] *= scale[i]
				}
			}
		}
	}
	return z
}

func widened(v []float32) []float64 {
	w := make([]float64, len(v))
	for i, x := range v {
		w[i] = float64(x)
	}
	return w
}
