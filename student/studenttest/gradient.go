package studenttest

import (
	"context"
	"math"

	"github.com/undertone-audit/undertone/student"
)

// Limits of the check that the likelihood rises by step·norm to first order: the steps that it
// tries, and how far the central difference of the best of them may be from the norm.
const (
	firstRise = 0.1 // of the mean log-likelihood, in nats a row, at the largest step
	halvings  = 8
	linear    = 0.02
)

func (c *checker) gradientStep(g student.GradientStepper) {
	c.t.Helper()
	c.steps(g)
}

// steps checks a gradient stepper from the student's weights and returns the norm, or 0 after it
// reported why there is none.
func (c *checker) steps(g student.GradientStepper) float64 {
	c.t.Helper()
	before := c.likelihoods(c.s)
	var still student.Student
	var norm float64
	c.unchanged(func() {
		var err error
		still, norm, err = g.GradientStep(c.t.Context(), c.data, 0)
		c.ok(err, "a step of 0")
	})
	if still == nil {
		return 0
	}
	if !(norm > 0) || math.IsInf(norm, 0) {
		c.errorf("the norm is %v, want a finite positive number", norm)
		return 0
	}
	for i, l := range c.likelihoods(still) {
		if l != before[i] {
			c.errorf("a step of 0 moves the log-likelihood of row %d from %v to %v", i, before[i], l)
			break
		}
	}
	if before != nil {
		c.firstOrder(g, norm)
	}
	_, _, err := g.GradientStep(c.t.Context(), c.data.Select(nil), 1)
	c.refused(err, "data without rows")
	_, _, err = g.GradientStep(c.t.Context(), unknown{c.data}, 1)
	c.refused(err, "data of an unknown kind")
	c.cancelled(func(ctx context.Context) error {
		_, _, err := g.GradientStep(ctx, c.data, 1)
		return err
	})
	return norm
}

// firstOrder compares the norm with the central difference of the mean log-likelihood.
func (c *checker) firstOrder(g student.GradientStepper, norm float64) {
	c.t.Helper()
	best := math.Inf(1)
	slope := 0.0
	for h, k := firstRise/norm, 0; k < halvings && best > linear; h, k = h/2, k+1 {
		var j [2]float64
		for way, sign := range []float64{1, -1} {
			moved, again, err := g.GradientStep(c.t.Context(), c.data, sign*h)
			if !c.ok(err, "a step") {
				return
			}
			if again != norm {
				c.errorf("the norm is %v for a step of 0 and %v for a step of %v", norm, again, sign*h)
				return
			}
			j[way] = mean(c.likelihoods(moved))
		}
		d := (j[0] - j[1]) / (2 * h)
		if off := math.Abs(d/norm - 1); off < best {
			best, slope = off, d
		}
	}
	if !(best <= linear) {
		c.errorf("the mean log-likelihood rises by %v a unit of step, want the norm, %v", slope, norm)
	}
}

func (c *checker) precondition(p student.Preconditioner) {
	c.t.Helper()
	const damping = 3
	plain := math.NaN() // norm without a preconditioner
	if g, ok := c.s.(student.GradientStepper); ok {
		if _, norm, err := g.GradientStep(c.t.Context(), c.data, 0); c.ok(err, "a step of 0") {
			plain = norm
		}
	}
	for _, metric := range []student.DiagonalMetric{{Power: 0, Damping: damping}, {Power: 0.5, Damping: 0.1}} {
		var g student.GradientStepper
		c.unchanged(func() {
			var err error
			g, err = p.Precondition(c.t.Context(), c.data, metric)
			c.ok(err, "a metric that is in range")
		})
		if g == nil {
			return
		}
		norm := c.steps(g)
		if want := plain / math.Sqrt(1+damping); metric.Power == 0 && math.Abs(norm-want) > 1e-6*want {
			c.errorf("with power 0 and damping %d the norm is %v, want %v", damping, norm, want)
		}
	}
	for _, metric := range []student.DiagonalMetric{{Power: -1, Damping: 1}, {Power: 2, Damping: 1}, {Power: 1}, {Power: math.NaN(), Damping: 1}} {
		_, err := p.Precondition(c.t.Context(), c.data, metric)
		c.refused(err, "a metric that is out of range")
	}
	_, err := p.Precondition(c.t.Context(), c.data.Select(nil), student.DiagonalMetric{Power: 1, Damping: 1})
	c.refused(err, "a metric of data without rows")
	c.cancelled(func(ctx context.Context) error {
		_, err := p.Precondition(ctx, c.data, student.DiagonalMetric{Power: 1, Damping: 1})
		return err
	})
}
