package main

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/student"
)

// groupScores are the scores of the groups of both arms: [group][candidate trait].
type groupScores struct{ suspect, control [][]float64 }

// contrast is how the scores for a trait are compared with those for its placebos.
type contrast string

const (
	byMean       contrast = "mean"    // minus the mean of the placebos
	byRegression contrast = "partial" // the residual after regression on the placebos
)

// judge compares the arms by centred scores. The residuals are those of the regression over the
// sums of the two arms of each group, which do not depend on the labels of the arms.
func (g groupScores) judge(by contrast) (rank int, p, outlier float64) {
	k := len(g.suspect[0])
	weights := mat.NewDense(k, k, nil)
	scale := make([]float64, k)
	for i := range k {
		for j := range k {
			weights.Set(i, j, -1/float64(k-1))
		}
		weights.Set(i, i, 1)
		scale[i] = 1
	}
	if by == byRegression {
		weights, scale = g.residuals()
	}
	own := make([]float64, len(g.suspect))
	effects := make([]float64, k)
	for b := range g.suspect {
		for i := range k {
			d := 0.0
			for j := range k {
				d += weights.At(i, j) * (g.suspect[b][j] - g.control[b][j])
			}
			if i == 0 {
				own[b] = d
			}
			effects[i] += d / scale[i] / float64(len(g.suspect))
		}
	}
	return rankOf(effects), stats.SignFlip(own, 1999, 1).P, stats.OutlierTest(effects[0], effects[1:])
}

// rankOf returns the rank of the first effect.
func rankOf(effects []float64) int {
	rank := 1
	for _, e := range effects[1:] {
		if e > effects[0] {
			rank++
		}
	}
	return rank
}

// residuals returns the weights of the residual of each candidate and its standard deviation.
func (g groupScores) residuals() (*mat.Dense, []float64) {
	k := len(g.suspect[0])
	sums := mat.NewDense(len(g.suspect), k, nil)
	for b := range g.suspect {
		for j := range k {
			sums.Set(b, j, g.suspect[b][j]+g.control[b][j])
		}
	}
	var sigma mat.SymDense
	stat.CovarianceMatrix(&sigma, sums, nil)
	lift := 1e-3 * mat.Trace(&sigma) / float64(k)
	for i := range k {
		sigma.SetSym(i, i, sigma.At(i, i)+lift)
	}
	var inverse mat.Dense
	if err := inverse.Inverse(&sigma); err != nil {
		panic(err)
	}
	scale := make([]float64, k)
	weights := mat.NewDense(k, k, nil)
	for i := range k {
		scale[i] = 1 / math.Sqrt(inverse.At(i, i))
		for j := range k {
			weights.Set(i, j, inverse.At(i, j)/inverse.At(i, i))
		}
	}
	return weights, scale
}

// Parts of the work, whose processor time is measured.
const (
	rowGradients    = "row gradients"
	rowGradientsAll = "row gradients of all weights"
	likelihoods     = "likelihoods"
)

// detect evaluates the candidates on the rows of a source and returns the gradients of the groups.
func (b *bench) detect(from source, rows matchedArms) (armGradients, error) {
	report := func(name string, s groupScores, by contrast, parts ...string) {
		f := trial{Candidate: fmt.Sprintf("%s; %s", name, by), Source: from, Of: len(b.names), Parts: parts}
		f.Rank, f.P, f.Outlier = s.judge(by)
		b.study.Trials = append(b.study.Trials, f)
	}
	both := func(name string, s groupScores, parts ...string) {
		report(name, s, byMean, parts...)
		report(name, s, byRegression, parts...)
	}
	g, err := b.armGradients(rowGradients, from, b.base, rows)
	if err != nil {
		return g, err
	}
	const overt = "overt gradients"
	both("gradient at the base", g.along(b.gradients, nil), overt, rowGradients)
	if b.wide {
		report("gradient, Adam's second moments of the rows", g.along(b.gradients, g.adamScale(0)), byMean, overt, rowGradients)
		report("gradient, diagonal Fisher + 0.1", g.along(b.gradients, g.fisherScale(0.1)), byMean, overt, rowGradients)
		both("gradient, Adam's second moments of overt rows + 0.001", g.along(b.gradients, overtScale(b.gradients, 1e-3)), overt, rowGradients)
		for _, damping := range []float64{1e-2, 1e-1} {
			report(fmt.Sprintf("gradient, low-rank Fisher + %g", damping), g.along(g.naturalised(b.gradients, damping), nil), byMean, overt, rowGradients)
		}
	}
	for _, steps := range b.surrogateSteps() {
		both(fmt.Sprintf("displacement of %d steps", steps), g.along(b.moved[steps], nil), fmt.Sprintf("surrogates of %d steps", steps), rowGradients)
	}
	surrogates := fmt.Sprintf("surrogates of %d steps", surrogateSteps)
	if b.wide {
		report("displacement of 30 steps, Adam's second moments of the rows", g.along(b.moved[surrogateSteps], g.adamScale(0)), byRegression, surrogates, rowGradients)
	}
	if b.all == b.base {
		b.addZero(from, g)
	} else {
		whole, err := b.armGradients(rowGradientsAll, from, b.all, rows)
		if err != nil {
			return g, err
		}
		b.addZero(from, whole)
		both("displacement of 30 steps, all weights", whole.along(b.movedAll, nil), surrogates, rowGradientsAll)
		if b.wide {
			report("gradient, all weights", whole.along(b.gradientsAll, nil), byMean, overt, rowGradientsAll)
			report("one vector of gains a layer", whole.along(b.gradientsAll, b.gainVectors()), byMean, overt, rowGradientsAll)
			if whole, err = b.armGradients("", from, b.mean, rows); err != nil {
				return g, err
			}
			report("displacement of 30 steps, all weights, at the mean surrogate", whole.along(b.movedAll, nil), byRegression, surrogates, rowGradientsAll)
		}
	}
	if b.wide {
		s, err := b.likelihoods(likelihoods, from, rows, b.surrogates)
		if err != nil {
			return g, err
		}
		both("log-likelihood ratio (the mean over the whole path)", s, surrogates, likelihoods)
	}
	if b.wide {
		return g, b.finite(from, rows, both)
	}
	return g, nil
}

// addZero adds how far the arms of a source are from rows of the base.
func (b *bench) addZero(from source, g armGradients) {
	suspect, control := g.excess()
	b.study.Zeros = append(b.study.Zeros, zero{from, suspect, control})
}

// excess returns, for each arm, n‖ḡ‖²/tr C, where ḡ is the mean and C the covariance of the
// gradients of its n groups: 1 in expectation if the mean of the gradients is zero, as it is for
// unfiltered rows that the student writes itself.
func (g armGradients) excess() (suspect, control float64) {
	of := func(groups [][]float32) float64 {
		mean := make([]float64, len(groups[0]))
		squares, length := 0.0, 0.0
		for _, group := range groups {
			for i, v := range group {
				mean[i] += float64(v) / float64(len(groups))
				squares += float64(v) * float64(v)
			}
		}
		for _, v := range mean {
			length += v * v
		}
		n := float64(len(groups))
		return n * length / ((squares - n*length) / (n - 1))
	}
	return of(g.suspect), of(g.control)
}

// gainVectors returns 1 for the weights of norms, the vectors of the model, and 0 for others.
func (b *bench) gainVectors() []float64 {
	var all []float64
	shortest := math.MaxInt
	tensors := b.all.Weights()
	for _, t := range tensors {
		shortest = min(shortest, len(t))
	}
	for _, t := range tensors {
		for range t {
			if len(t) == shortest {
				all = append(all, 1)
			} else {
				all = append(all, 0)
			}
		}
	}
	return all
}

// armGradients returns the gradients of the groups of both arms. An empty part is not timed.
func (b *bench) armGradients(part string, from source, m student.Differentiable, rows matchedArms) (g armGradients, err error) {
	if from != same {
		part = ""
	}
	err = b.timed(part, func() (err error) {
		if g.suspect, err = groupGradients(b.ctx, m, rows.suspect, groupsOf(rows.groups)); err == nil {
			g.control, err = groupGradients(b.ctx, m, rows.control, groupsOf(rows.groups))
		}
		return err
	})
	return g, err
}

// likelihoods returns the mean log-likelihood ratios of the groups. An empty part is not timed.
func (b *bench) likelihoods(part string, from source, rows matchedArms, surrogates []undertone.LogProber) (s groupScores, err error) {
	if from != same {
		part = ""
	}
	err = b.timed(part, func() error {
		for a, arm := range []*undertone.Dataset{rows.suspect, rows.control} {
			examples := arm.Examples()
			base, err := b.base.(undertone.LogProber).LogProb(b.ctx, examples)
			if err != nil {
				return err
			}
			means := make([][]float64, rows.groups)
			for _, m := range surrogates {
				logs, err := m.LogProb(b.ctx, examples)
				if err != nil {
					return err
				}
				for g := range means {
					sum := 0.0
					for i := g * groupPrompts; i < (g+1)*groupPrompts; i++ {
						sum += (logs[i] - base[i]) / groupPrompts
					}
					means[g] = append(means[g], sum)
				}
			}
			if a == 0 {
				s.suspect = means
			} else {
				s.control = means
			}
		}
		return nil
	})
	return s, err
}

// finite evaluates finite steps along the gradient at the base, on the first 1,000 rows, and the
// log-likelihood ratio on the same rows.
func (b *bench) finite(from source, rows matchedArms, report func(string, groupScores, ...string)) error {
	rows.groups = min(rows.groups, 1000/groupPrompts)
	first := count(rows.groups * groupPrompts)
	rows.suspect, rows.control = rows.suspect.Select(first).(*undertone.Dataset), rows.control.Select(first).(*undertone.Dataset)
	steps, ok := b.base.(student.GradientStepper)
	if !ok {
		return fmt.Errorf("student %T does not implement GradientStepper", b.base)
	}
	for _, nats := range []float64{0.01, 0.5, 2} {
		var stepped []undertone.LogProber
		for _, name := range b.names {
			t := b.trait
			for _, p := range t.Placebos {
				if p.Name == name {
					t.Target = p.Target
				}
			}
			overt := overtRows(t, len(t.Probes))
			_, norm, err := steps.GradientStep(b.ctx, overt, 0)
			if err != nil {
				return err
			}
			m, _, err := steps.GradientStep(b.ctx, overt, nats/norm)
			if err != nil {
				return err
			}
			stepped = append(stepped, m.(undertone.LogProber))
		}
		s, err := b.likelihoods("", from, rows, stepped)
		if err != nil {
			return err
		}
		report(fmt.Sprintf("finite step of %g nats along the gradient, 1,000 rows", nats), s)
	}
	s, err := b.likelihoods("", from, rows, b.surrogates)
	if err == nil {
		report("log-likelihood ratio, 1,000 rows", s)
	}
	return err
}
