package transformer_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// TestGradients compares the norm of the gradient of every parameter of every family with the
// central difference of fourth order of the loss along it.
func TestGradients(t *testing.T) {
	for name, c := range families {
		t.Run(name, func(t *testing.T) {
			m := random(t, c)
			rng := rand.New(rand.NewPCG(5, 6))
			ids, targets := draw(rng, 40, c.Vocabulary), draw(rng, 40, c.Vocabulary)
			tape := tensor.NewTape(m.Params()...)
			tape.Backward(m.Loss(tape, ids, targets, 2))
			for i, p := range m.Params() {
				g := tape.Grads()[i].Clone().Data()
				var norm float64
				for _, v := range g {
					norm += float64(v) * float64(v)
				}
				norm = math.Sqrt(norm)
				// Without rotation softmax does not depend on the bias of the keys.
				if norm < 1e-3 && c.Architecture != transformer.GPT2 {
					t.Errorf("parameter %d has a gradient of %.3g: it has no part in the loss", i, norm)
				}
				const h = 0.004
				at := func(step float64) float64 {
					before := p.Clone().Data()
					for j, v := range g {
						p.Data()[j] += float32(step * float64(v) / norm)
					}
					loss := m.Loss(nil, ids, targets, 2).Item()
					copy(p.Data(), before)
					return float64(loss)
				}
				if got := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h); math.Abs(got-norm) > 0.01*norm+5e-4 {
					t.Errorf("parameter %d: the loss changes by %.5g along a gradient of norm %.5g", i, got, norm)
				}
			}
		})
	}
}
