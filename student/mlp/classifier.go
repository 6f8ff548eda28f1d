package mlp

import (
	"math"
	"math/rand/v2"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
)

// Classifier is a multi-layer perceptron: linear layers with ReLU between them. The first logits
// are those of the classes, the others are auxiliary. It is immutable and safe for concurrent use.
type Classifier struct {
	config  Config
	params  []*tensor.Tensor // weights [in out] and bias [out] of each layer
	lineage undertone.Digest // of the initial weights; zero for an untrained classifier
	digest  func() undertone.Digest
}

var (
	_ student.Student      = (*Classifier)(nil)
	_ student.BatchTrainer = (*Classifier)(nil)
	_ undertone.Lineage    = (*Classifier)(nil)
)

// New returns an untrained classifier: weights are normal with variance 1/inputs of the layer,
// biases are zero. Equal configs give equal weights.
func New(c Config) (*Classifier, error) {
	c, err := c.WithDefaults()
	if err != nil {
		return nil, err
	}
	c.Hidden = append([]int{}, c.Hidden...)
	rng := rand.New(rand.NewPCG(c.Seed, 0x6d6c70)) // the stream of initial weights
	var params []*tensor.Tensor
	widths := c.widths()
	for i, out := range widths[1:] {
		in := widths[i]
		params = append(params, tensor.Normal(rng, 1/math.Sqrt(float64(in)), in, out), tensor.New(out))
	}
	return newClassifier(c, params, undertone.Digest{}), nil
}

func newClassifier(c Config, params []*tensor.Tensor, lineage undertone.Digest) *Classifier {
	return &Classifier{c, params, lineage, sync.OnceValue(func() undertone.Digest {
		h := c.hash(undertone.NewHasher("mlp"))
		for _, p := range params {
			h.Floats(p.Data())
		}
		return h.Sum()
	})}
}

// Config returns the config with its defaults.
func (c *Classifier) Config() Config { return c.config }

// Digest implements [student.Student]: it covers the config and all weights.
func (c *Classifier) Digest() undertone.Digest { return c.digest() }

// Lineage implements [undertone.Lineage]: the digest of the weights that training started from.
func (c *Classifier) Lineage() undertone.Digest {
	if c.lineage.IsZero() {
		return c.Digest()
	}
	return c.lineage
}

// Engine implements [student.Engine]; see [tensor.Engine].
func (c *Classifier) Engine() string { return tensor.Engine() }

// logits computes the network of params on x [rows inputs]: [rows logits].
func logits(t *tensor.Tape, params []*tensor.Tensor, x *tensor.Tensor) *tensor.Tensor {
	last := len(params) - 2
	for i := 0; i < last; i += 2 {
		x = t.LinearReLU(x, params[i], params[i+1])
	}
	return t.Linear(x, params[last], params[last+1])
}
