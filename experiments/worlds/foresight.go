package main

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// adamStudents are the learning rates of the AdamW students whose shifts are predicted, one epoch
// in batches of 64.
func adamStudents(k kind) []student.Recipe {
	rates := []float64{1e-3, 5e-3}
	if k.prompt == nil { // the sandbox, which has no LoRA
		rates = []float64{1e-4, 1e-3}
	}
	var all []student.Recipe
	for _, rate := range rates {
		all = append(all, student.Recipe{Optimizer: student.AdamW, LearningRate: rate, BatchSize: 64})
	}
	return all
}

// predict correlates predictions of the shift with that of AdamW students of all rows.
func (b *bench) predict(k kind, d design, g armGradients, base trainable, suspect, control *undertone.Dataset) error {
	name := b.names[0]
	for _, recipe := range adamStudents(k) {
		recipe.Seed = 1
		shift, err := shifts(b.ctx, base, k.trait(name), recipe, suspect, control)
		if err != nil {
			return err
		}
		label := recipeName(recipe)
		add := func(predictor string, prediction []float64, unit bool) {
			f := foresaw{Predictor: predictor, Recipe: label, R: stat.Correlation(prediction, shift, nil)}
			if unit {
				_, f.Slope = stat.LinearRegression(prediction, shift, nil, false)
			}
			b.study.Shifts = append(b.study.Shifts, f)
		}
		if b.wide {
			again := recipe
			again.Seed = 2
			second, err := shifts(b.ctx, base, k.trait(name), again, suspect, control)
			if err != nil {
				return err
			}
			add("another student, other order", second, true)
			quarter := count(suspect.Len() / 4)
			if second, err = shifts(b.ctx, base, k.trait(name), recipe, suspect.Select(quarter), control.Select(quarter)); err != nil {
				return err
			}
			add("students of a quarter of the rows", second, false)
		}
		add("gradient at the base", b.effects(g.along(b.gradients, nil)), false)
		steps := float64(suspect.Len()) / 64 * recipe.LearningRate
		add("gradient, Adam's second moments of the rows", scaledBy(steps, b.effects(g.along(b.gradients, g.adamScale(0)))), true)
		add("the same, saturated by the low-rank Fisher matrix", b.saturated(g, steps), true)
		add("displacement of 30 steps; mean", b.effects(g.along(b.moved[surrogateSteps], nil)), false)
		finite, err := b.finiteRead(k, g, steps)
		if err != nil {
			return err
		}
		add("answers after the whole displacement, Adam's second moments", finite, true)
	}
	return nil
}

// effects returns the centred mean difference of the arms for each candidate trait.
func (b *bench) effects(s groupScores) []float64 {
	e := make([]float64, len(b.names))
	for g := range s.suspect {
		for c := range e {
			e[c] += (s.suspect[g][c] - s.control[g][c]) / float64(len(s.suspect))
		}
	}
	mean := stat.Mean(e, nil)
	for c := range e {
		e[c] = (e[c] - mean) * float64(len(e)) / float64(len(e)-1)
	}
	return e
}

func scaledBy(factor float64, v []float64) []float64 {
	for i := range v {
		v[i] *= factor
	}
	return v
}

// saturated predicts the shift of a student of AdamW whose learning rate times steps is given: the
// second moments P stay those at the base, and gradients fall as the student learns. To second
// order its displacement is that of gradient flow, P½ (1 − exp(−s·M))/M P½ ḡ with M = P½FP½, where
// F, the Fisher matrix of rows, is that of the groups' gradients.
func (b *bench) saturated(g armGradients, s float64) []float64 {
	root := g.adamScale(0)
	for i := range root {
		root[i] = math.Sqrt(root[i])
	}
	z := g.centred(root)
	n, _ := z.Dims()
	var gram mat.SymDense
	gram.SymOuterK(groupPrompts/float64(n), z)
	var eigen mat.EigenSym
	if !eigen.Factorize(&gram, true) {
		panic("no eigenvalues")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	values := eigen.Values(nil)
	suspect, control, _ := g.moments()
	x := make([]float64, len(suspect))
	for i := range x {
		x[i] = root[i] * (suspect[i] - control[i])
	}
	inside := func(v []float64) []float64 { // coordinates along the eigenvectors of M
		var zv, c mat.VecDense
		zv.MulVec(z, mat.NewVecDense(len(v), v))
		c.MulVec(vectors.T(), &zv)
		out := make([]float64, n)
		for i := range out {
			if values[i] > 1e-9*values[n-1] {
				out[i] = c.AtVec(i) * math.Sqrt(groupPrompts/float64(n)/values[i])
			}
		}
		return out
	}
	data := inside(x)
	e := make([]float64, len(b.gradients))
	for c, gradient := range b.gradients {
		y := widened(gradient)
		for i := range y {
			y[i] *= root[i]
			e[c] += s * x[i] * y[i]
		}
		for i, v := range inside(y) {
			if at := s * values[i]; at > 0 {
				e[c] += s * v * data[i] * (-math.Expm1(-at)/at - 1)
			}
		}
	}
	mean := stat.Mean(e, nil)
	for c := range e {
		e[c] = (e[c] - mean) * float64(len(e)) / float64(len(e)-1)
	}
	return e
}

// finiteRead moves the base by the displacement that Adam's second moments predict for each arm, in
// one step, and asks the probes.
func (b *bench) finiteRead(k kind, g armGradients, s float64) ([]float64, error) {
	suspect, control, _ := g.moments()
	scale := g.adamScale(0)
	moved := make([]trainable, 2)
	for a, mean := range [][]float64{suspect, control} {
		delta := make([]float32, len(mean))
		for i, v := range mean {
			delta[i] = float32(s * scale[i] * v)
		}
		m, err := b.base.Add(shaped(delta, b.base.Weights()))
		if err != nil {
			return nil, err
		}
		moved[a] = m.(trainable)
	}
	return difference(b.ctx, k.trait(b.names[0]), moved[0], moved[1])
}
