package studenttest

import (
	"context"
	"errors"
	"math"

	"github.com/undertone-audit/undertone/student"
)

func (c *checker) differentiable(d student.Differentiable) {
	c.t.Helper()
	weights := d.Weights()
	all := make([]int, c.data.Len())
	for i := range all {
		all[i] = i
	}
	groups := [][]int{all, all[:len(all)/2], all[len(all)/2:]}
	gradients := make([][][]float32, 0, len(groups))
	c.unchanged(func() {
		err := d.Gradients(c.t.Context(), c.data, groups, func(group int, g [][]float32) error {
			if group != len(gradients) {
				c.errorf("group %d is passed after %d groups", group, len(gradients))
			}
			own := make([][]float32, len(g))
			for t := range g {
				own[t] = append(own[t], g[t]...)
			}
			gradients = append(gradients, own)
			return nil
		})
		c.ok(err, "the gradients of groups")
	})
	if len(gradients) != len(groups) {
		c.errorf("%d gradients of %d groups", len(gradients), len(groups))
		return
	}
	for t := range weights {
		if len(gradients[0]) != len(weights) || len(gradients[0][t]) != len(weights[t]) {
			c.errorf("the gradient has another shape than the weights")
			return
		}
	}
	c.additive(gradients, len(groups[1]), len(groups[2]))
	c.slope(d, gradients[0])
	c.refuseGroups(d)
	_, err := d.Add(weights[1:])
	c.refused(err, "a change of another shape")
	for t := range weights {
		for i := range weights[t] {
			weights[t][i] = 0 // a copy, so that the student stays as it is
		}
	}
	if still, err := d.Add(weights); c.ok(err, "a change of 0") {
		before := c.likelihoods(c.s)
		for i, l := range c.likelihoods(still) {
			if l != before[i] {
				c.errorf("a change of 0 moves the log-likelihood of row %d from %v to %v", i, before[i], l)
				return
			}
		}
	}
}

// additive checks that the gradient of the first group is the mean of those of its two parts,
// weighted by their rows.
func (c *checker) additive(gradients [][][]float32, first, second int) {
	c.t.Helper()
	n := float64(first + second)
	off, length := 0.0, 0.0
	for t := range gradients[0] {
		for i, whole := range gradients[0][t] {
			mean := (float64(first)*float64(gradients[1][t][i]) + float64(second)*float64(gradients[2][t][i])) / n
			off += (float64(whole) - mean) * (float64(whole) - mean)
			length += float64(whole) * float64(whole)
		}
	}
	if !(off <= 1e-6*length) {
		c.errorf("the gradient of all rows differs from the mean of those of two parts by %.2g of its length", math.Sqrt(off/length))
	}
}

// slope compares the squared length of the gradient with the central difference of the mean
// log-likelihood along it.
func (c *checker) slope(d student.Differentiable, gradient [][]float32) {
	c.t.Helper()
	squared := 0.0
	for _, t := range gradient {
		for _, v := range t {
			squared += float64(v) * float64(v)
		}
	}
	if !(squared > 0) || math.IsInf(squared, 0) {
		c.errorf("the squared length of the gradient is %v, want a finite positive number", squared)
		return
	}
	best, found := math.Inf(1), 0.0
	for h, k := firstRise/squared, 0; k < halvings && best > linear; h, k = h/2, k+1 {
		var j [2]float64
		for way, sign := range []float64{1, -1} {
			delta := make([][]float32, len(gradient))
			for t := range gradient {
				delta[t] = make([]float32, len(gradient[t]))
				for i, v := range gradient[t] {
					delta[t][i] = float32(sign * h * float64(v))
				}
			}
			moved, err := d.Add(delta)
			if !c.ok(err, "a change along the gradient") {
				return
			}
			logs := c.likelihoods(moved)
			if logs == nil {
				return
			}
			j[way] = mean(logs)
		}
		slope := (j[0] - j[1]) / (2 * h)
		if off := math.Abs(slope/squared - 1); off < best {
			best, found = off, slope
		}
	}
	if !(best <= linear) {
		c.errorf("the mean log-likelihood rises by %v along the gradient, want its squared length, %v", found, squared)
	}
}

func (c *checker) refuseGroups(d student.Differentiable) {
	c.t.Helper()
	none := func(int, [][]float32) error { return nil }
	c.refused(d.Gradients(c.t.Context(), c.data, [][]int{{c.data.Len()}}, none), "a group with a row that is not there")
	c.refused(d.Gradients(c.t.Context(), unknown{c.data}, [][]int{{0}}, none), "data of an unknown kind")
	c.cancelled(func(ctx context.Context) error { return d.Gradients(ctx, c.data, [][]int{{0}}, none) })
	wrong := errors.New("the caller stops")
	if err := d.Gradients(c.t.Context(), c.data, [][]int{{0}}, func(int, [][]float32) error { return wrong }); !errors.Is(err, wrong) {
		c.errorf("an error of the caller's function gives the error %v", err)
	}
}
