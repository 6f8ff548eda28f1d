package optim

import (
	"math"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// ClipNorm multiplies all gradients by most/norm if their Euclidean norm, as one vector, is larger
// than most (Pascanu, Mikolov & Bengio 2013), and returns the norm before that. A norm that is not
// finite changes nothing.
func ClipNorm(grads []*tensor.Tensor, most float64) (norm float64) {
	const block = 1024 // summed in float32
	var squares float64
	for _, g := range grads {
		for x := g.Data(); len(x) > 0; x = x[min(block, len(x)):] {
			part := x[:min(block, len(x))]
			squares += float64(kernel.Dot(part, part))
		}
	}
	norm = math.Sqrt(squares)
	if norm > most && !math.IsInf(norm, 0) {
		for _, g := range grads {
			kernel.Scale(g.Data(), float32(most/norm))
		}
	}
	return norm
}
