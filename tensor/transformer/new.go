package transformer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// New returns a model of random weights: normal with standard deviation 0.02, divided by
// √(2·Layers) in the layers that add to the hidden state; biases are 0 (Radford et al. 2019).
// Weights are sampled from rng in a fixed order.
func New(rng *rand.Rand, c Config) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("transformer: config: %w", err)
	}
	c = c.withDefaults()
	return assemble(c, c.angles(), random{rng, c}), nil
}

// random makes the parts of a new model.
type random struct {
	rng    *rand.Rand
	config Config
}

func (r random) table(_ string, rows, dim int) table { return nn.NewEmbedding(r.rng, 0.02, rows, dim) }

func (r random) linear(name string, in, out int, bias bool) nn.Layer {
	std := 0.02
	if strings.HasSuffix(name, ".o_proj") || strings.HasSuffix(name, ".down_proj") {
		std /= math.Sqrt(2 * float64(r.config.Layers))
	}
	l := &nn.Linear{Weight: tensor.Normal(r.rng, std, in, out)}
	if bias {
		l.Bias = tensor.New(out)
	}
	return l
}

func (r random) norm(_ string, dim int) nn.Layer {
	gain := tensor.New(dim)
	if !r.config.UnitOffset {
		for i := range gain.Data() {
			gain.Data()[i] = 1
		}
	}
	return r.config.newNorm(gain, tensor.New(dim))
}

// newNorm returns a norm of the architecture of c; an RMSNorm has no bias.
func (c Config) newNorm(gain, bias *tensor.Tensor) nn.Layer {
	if c.Architecture == GPT2 {
		return &nn.LayerNorm{Gain: gain, Bias: bias, Epsilon: float32(c.Epsilon)}
	}
	norm := &nn.RMSNorm{Gain: gain, Epsilon: float32(c.Epsilon)}
	if c.UnitOffset {
		norm.Offset = 1
	}
	return norm
}
