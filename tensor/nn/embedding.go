package nn

import (
	"math/rand/v2"

	"github.com/undertone-audit/undertone/tensor"
)

// Embedding maps ids to the rows of a table.
type Embedding struct {
	Table *tensor.Tensor // [rows dim]
}

// NewEmbedding returns a table of normal numbers with mean 0 and the given standard deviation,
// which is 0.02 in GPT-2 (Radford et al. 2019).
func NewEmbedding(rng *rand.Rand, std float64, rows, dim int) *Embedding {
	return &Embedding{tensor.Normal(rng, std, rows, dim)}
}

// Params implements [Module].
func (e *Embedding) Params() []*tensor.Tensor { return present(e.Table) }

// Forward returns the rows of the ids: [len(ids) dim]. The tape keeps ids until Reset.
func (e *Embedding) Forward(t *tensor.Tape, ids []int32) *tensor.Tensor {
	return t.Embedding(e.Table, ids)
}

// Logits returns the products of every row of x with every row of the table: the output layer with
// weights tied to the embedding (Press & Wolf 2017). x is [... dim], the result is [... rows].
func (e *Embedding) Logits(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor {
	return t.MatMul(x, e.Table, tensor.TransposeB)
}
