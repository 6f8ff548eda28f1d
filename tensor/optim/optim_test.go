package optim

import (
	"math"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
)

// TestSteps compares steps on one parameter with the formulas, evaluated by hand.
func TestSteps(t *testing.T) {
	for _, c := range []struct {
		reason string
		opt    Optimizer
		grads  []float32
		want   []float64 // the parameter after each step, from 1
	}{
		{"plain descent: 1 − .1·2, then − .1·(−1)", &SGD{LearningRate: .1}, []float32{2, -1}, []float64{.8, .9}},
		{"momentum: v = 2, then .5·2 − 1 = 0, then 4", &SGD{LearningRate: .1, Momentum: .5}, []float32{2, -1, 4}, []float64{.8, .8, .4}},
		{"the first step of Adam is the learning rate for every gradient", &Adam{LearningRate: .1}, []float32{1e-3}, []float64{1 - .1/(1+1e-5)}},
		{"a constant gradient keeps m̂/√v̂ at 1", &Adam{LearningRate: .1}, []float32{5, 5, 5}, []float64{.9, .8, .7}},
		// m = .5, v = 1·.5; m̂ = .5/.5 = 1, v̂ = .5/.5 = 1; then m = .25−1 = −.75,
		// m̂ = −.75/.75 = −1, v = .25+2 = 2.25, v̂ = 2.25/.75 = 3.
		{"own betas", &Adam{LearningRate: .1, Beta1: .5, Beta2: .5}, []float32{1, -2}, []float64{.9, .9 + .1/math.Sqrt(3)}},
		{"ε that matters: 1/(1+1)", &Adam{LearningRate: .1, Epsilon: 1}, []float32{1}, []float64{.95}},
		{"decay multiplies by 1 − .1·.5 before the step", &AdamW{Adam{LearningRate: .1}, .5}, []float32{3, 3}, []float64{.85, .85*.95 - .1}},
		{"decay without a gradient", &AdamW{Adam{LearningRate: .1}, .5}, []float32{0}, []float64{.95}},
	} {
		p := tensor.FromSlice([]float32{1}, 1)
		for i, g := range c.grads {
			c.opt.Step([]*tensor.Tensor{p}, []*tensor.Tensor{tensor.FromSlice([]float32{g}, 1)})
			if got := float64(p.Item()); math.Abs(got-c.want[i]) > 1e-6 {
				t.Errorf("%s: after step %d the parameter is %v, want %v", c.reason, i+1, got, c.want[i])
			}
		}
	}
}

// TestConvexQuadratic minimises ½Σ aᵢ(xᵢ−cᵢ)² over two parameters.
func TestConvexQuadratic(t *testing.T) {
	curvature := [][]float32{{1, 10}, {0.5, 2, 4}}
	minimum := [][]float32{{3, -2}, {0, 1, -1}}
	for name, opt := range map[string]Optimizer{
		"sgd":      &SGD{LearningRate: .1},
		"momentum": &SGD{LearningRate: .02, Momentum: .9},
		"adam":     &Adam{LearningRate: .05},
		"adamw":    &AdamW{Adam: Adam{LearningRate: .05}},
	} {
		params := []*tensor.Tensor{tensor.New(2), tensor.New(3)}
		grads := []*tensor.Tensor{tensor.New(2), tensor.New(3)}
		for range 1000 {
			for i, p := range params {
				for j, x := range p.Data() {
					grads[i].Data()[j] = curvature[i][j] * (x - minimum[i][j])
				}
			}
			opt.Step(params, grads)
		}
		for i, p := range params {
			for j, x := range p.Data() {
				if d := x - minimum[i][j]; max(d, -d) > 1e-3 {
					t.Errorf("%s: parameter %d element %d is %v, want %v", name, i, j, x, minimum[i][j])
				}
			}
		}
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	p, g := []*tensor.Tensor{tensor.New(8)}, []*tensor.Tensor{tensor.New(8)}
	for _, opt := range []Optimizer{&SGD{LearningRate: 1}, &SGD{LearningRate: 1, Momentum: 1}, &Adam{}, &AdamW{}} {
		opt.Step(p, g)
		if n := testing.AllocsPerRun(10, func() { opt.Step(p, g) }); n != 0 {
			t.Errorf("%T: %v allocations a step, want none", opt, n)
		}
	}
}

func TestMisuse(t *testing.T) {
	list := func(sizes ...int) (out []*tensor.Tensor) {
		for _, n := range sizes {
			out = append(out, tensor.New(n))
		}
		return out
	}
	for _, c := range []struct {
		reason        string
		params, grads []*tensor.Tensor
	}{
		{"fewer gradients than parameters", list(2, 3), list(2)},
		{"a gradient of another size", list(2, 3), list(2, 4)},
		{"fewer parameters than in the first step", list(2), list(2)},
		{"a parameter of another size than in the first step", list(2, 4), list(2, 4)},
	} {
		func() {
			defer func() {
				if _, ok := recover().(*tensor.ShapeError); !ok {
					t.Errorf("%s: no *tensor.ShapeError", c.reason)
				}
			}()
			opt := &Adam{LearningRate: 1}
			opt.Step(list(2, 3), list(2, 3))
			opt.Step(c.params, c.grads)
		}()
	}
}
