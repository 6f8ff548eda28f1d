// Package nplm provides a small language model with a short vocabulary: the neural probabilistic
// language model of Bengio et al. (JMLR 3, 2003), a multi-layer perceptron on the embeddings of the
// last few tokens. It trains in a second or less, so an audit can afford many replicates of it.
//
// [NewVocabulary] makes a [Vocabulary], [New] an untrained [Model] with it.
package nplm

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
)

// Config defines the shape of a model and the seed of its initial weights. The zero value of a
// field means the stated default.
type Config struct {
	Vocabulary *Vocabulary // required
	Context    int         // number of tokens that the next token is predicted from, [1, 4096] (default 8)
	Embedding  int         // width of a token's embedding, [1, 4096] (default 16)
	Hidden     int         // width of the hidden layer, [1, 4096] (default 64)
	Seed       uint64      // of the initial weights
}

// Limits of a Config: maxWidth of every size, maxWeights of the largest layer.
const (
	maxWidth   = 4096
	maxWeights = 1 << 28
)

func (c Config) resolve() (Config, error) {
	if c.Vocabulary == nil {
		return c, errors.New("nplm: the config has no vocabulary")
	}
	for _, f := range []struct {
		name  string
		value *int
		unset int
	}{{"context", &c.Context, 8}, {"embedding", &c.Embedding, 16}, {"hidden", &c.Hidden, 64}} {
		if *f.value == 0 {
			*f.value = f.unset
		}
		if *f.value < 1 || *f.value > maxWidth {
			return c, fmt.Errorf("nplm: %s is %d, want 1 to %d", f.name, *f.value, maxWidth)
		}
	}
	// The table of what each token adds to the hidden layer has the size of a layer.
	if n := int64(max(c.Embedding, c.Vocabulary.Len())) * int64(c.Context) * int64(c.Hidden); n > maxWeights {
		return c, fmt.Errorf("nplm: a layer of %d weights, want at most %d: choose a smaller context, embedding or hidden layer", n, maxWeights)
	}
	return c, nil
}

// Model is a language model that can be trained. It is immutable and safe for concurrent use.
type Model struct {
	config  Config
	name    string
	lineage undertone.Digest
	digest  func() undertone.Digest

	// V tokens, C positions, E and H the widths of embedding and hidden layer.
	embedding *tensor.Tensor // [V E]
	hidden    *tensor.Tensor // [E C·H], the block of columns for each position
	hiddenB   *tensor.Tensor // [H]
	output    *tensor.Tensor // [H V]
	outputB   *tensor.Tensor // [V]

	onEncode func() // called for each row that is encoded, from several goroutines; nil outside tests
}

var (
	_ student.Student          = (*Model)(nil)
	_ student.Engine           = (*Model)(nil)
	_ student.BatchTrainer     = (*Model)(nil)
	_ student.GradientStepper  = (*Model)(nil)
	_ student.Preconditioner   = (*Model)(nil)
	_ undertone.Model          = (*Model)(nil)
	_ undertone.BatchGenerator = (*Model)(nil)
	_ undertone.TokenLogProber = (*Model)(nil)
	_ undertone.ChoiceScorer   = (*Model)(nil)
	_ undertone.Lineage        = (*Model)(nil)

	_ undertone.RowEncoder        = (*Model)(nil)
	_ undertone.RowLogProber      = (*Model)(nil)
	_ undertone.RowTokenLogProber = (*Model)(nil)
)

// New returns an untrained model: embeddings are standard normal, weights are normal with variance
// 1/inputs of the layer, biases are zero. Equal configs give equal weights.
func New(c Config) (*Model, error) {
	c, err := c.resolve()
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(c.Seed, 0x6d6c706c6d)) // the stream of initial weights
	vocabulary := c.Vocabulary.Len()
	return newModel(c, "nplm", undertone.Digest{}, []*tensor.Tensor{
		tensor.Normal(rng, 1, vocabulary, c.Embedding),
		tensor.Normal(rng, 1/math.Sqrt(float64(c.Context*c.Embedding)), c.Embedding, c.Context*c.Hidden),
		tensor.New(c.Hidden),
		tensor.Normal(rng, 1/math.Sqrt(float64(c.Hidden)), c.Hidden, vocabulary),
		tensor.New(vocabulary),
	}), nil
}

// newModel returns the model of params, in the order of Model.params.
func newModel(c Config, name string, lineage undertone.Digest, params []*tensor.Tensor) *Model {
	m := &Model{
		config: c, name: name, lineage: lineage,
		embedding: params[0], hidden: params[1], hiddenB: params[2], output: params[3], outputB: params[4],
	}
	m.digest = sync.OnceValue(func() undertone.Digest {
		h := undertone.NewHasher("nplm").Digest(c.Vocabulary.digest).Uint(uint64(c.Context))
		for _, p := range params {
			for _, d := range p.Shape() {
				h.Uint(uint64(d))
			}
			h.Floats(p.Data())
		}
		return h.Sum()
	})
	return m
}

// params lists the tensors that training changes.
func (m *Model) params() []*tensor.Tensor {
	return []*tensor.Tensor{m.embedding, m.hidden, m.hiddenB, m.output, m.outputB}
}

// Named returns the model with a name for reports and data sets.
func (m *Model) Named(name string) *Model {
	named := *m
	named.name = name
	return &named
}

// Name implements [undertone.Model].
func (m *Model) Name() string { return m.name }

// Digest implements [student.Student]: it covers the vocabulary and all weights.
func (m *Model) Digest() undertone.Digest { return m.digest() }

// Lineage implements [undertone.Lineage]: the digest of the weights that training started from.
func (m *Model) Lineage() undertone.Digest {
	if m.lineage.IsZero() {
		return m.Digest()
	}
	return m.lineage
}

// Engine implements [student.Engine].
func (m *Model) Engine() string { return tensor.Engine() }

// Parameters returns the number of weights.
func (m *Model) Parameters() int {
	n := 0
	for _, p := range m.params() {
		n += p.Len()
	}
	return n
}

// table returns what each token adds to the hidden layer at each position, [V·C H], in row
// token·C+position. The linear layer on concatenated embeddings is then a sum of C rows.
func (m *Model) table(t *tensor.Tape) *tensor.Tensor {
	return t.Reshape(t.MatMul(m.embedding, m.hidden), m.config.Vocabulary.Len()*m.config.Context, m.config.Hidden)
}

// logits returns the logits of the next token for each window of C table rows, [windows V].
func (m *Model) logits(t *tensor.Tape, table *tensor.Tensor, windows []int32) *tensor.Tensor {
	h := t.AddBiasReLU(t.EmbeddingBag(table, windows, m.config.Context), m.hiddenB) // [windows H]
	return t.Linear(h, m.output, m.outputB)
}

// window appends the table rows that predict the token after the given tokens.
func (m *Model) window(windows, tokens []int32) []int32 {
	c := m.config.Context
	for p := range c {
		token := end
		if at := len(tokens) - c + p; at >= 0 {
			token = tokens[at]
		}
		windows = append(windows, token*int32(c)+int32(p))
	}
	return windows
}
