package transformer

import (
	"fmt"

	"github.com/undertone-audit/undertone/tensor"
)

// Architecture is a family of models whose blocks have the same parts.
type Architecture string

// Architectures.
const (
	// Llama is the block of Touvron et al. 2023: RMSNorm, rotary positions, grouped queries,
	// SwiGLU. Mistral, Qwen2, Qwen3 and SmolLM differ in fields of a Config.
	Llama Architecture = "llama"
	// GPT2 is the block of Radford et al. 2019: LayerNorm, learned positions, GELU (in its form
	// with tanh), and a bias in every layer.
	GPT2 Architecture = "gpt2"
)

// Config is the shape of a model. A field with a stated default has it if it is 0. It has more
// fields than other configs because it describes all supported architectures, as the config.json of
// Hugging Face does.
type Config struct {
	Architecture Architecture `json:"architecture"`
	Vocabulary   int          `json:"vocabulary"` // number of tokens: ids are 0 … Vocabulary−1
	Context      int          `json:"context"`    // length of the longest sequence, in tokens
	Dim          int          `json:"dim"`        // elements of a hidden state
	Layers       int          `json:"layers"`     // number of blocks
	Heads        int          `json:"heads"`      // heads of queries (Vaswani et al. 2017)
	KVHeads      int          `json:"kv_heads"`   // heads of keys and values (Ainslie et al. 2023); divides Heads (default Heads)
	HeadDim      int          `json:"head_dim"`   // elements of a head (default Dim/Heads)
	Hidden       int          `json:"hidden"`     // elements between the layers of the feed-forward part
	Epsilon      float64      `json:"epsilon"`    // of the norms, (0, 1) (default 1e-5)
	Tied         bool         `json:"tied"`       // the output layer is the embedding (Press & Wolf 2017)

	// Fields of Llama only; GPT2 has no rotary positions, and every bias.
	RopeBase    float64      `json:"rope_base,omitempty"`    // > 1 (default 10000); Su et al. 2021
	RopePairing RopePairing  `json:"rope_pairing,omitempty"` // (default HalfSplit)
	RopeScaling *RopeScaling `json:"rope_scaling,omitempty"` // nil is none
	QKVBias     bool         `json:"qkv_bias,omitempty"`     // Qwen2
	OutputBias  bool         `json:"output_bias,omitempty"`  // of the last layer of attention
	MLPBias     bool         `json:"mlp_bias,omitempty"`     // of the feed-forward part
	QKNorm      bool         `json:"qk_norm,omitempty"`      // RMSNorm of every head of queries and keys (Qwen3)
}

// Limits of a Config: beyond every known model, and small enough that products of two of them do
// not overflow.
const (
	maxWidth   = 1 << 20 // Dim, Hidden, Heads·HeadDim
	maxTokens  = 1 << 24 // Vocabulary, Context
	maxLayers  = 1 << 12
	maxWeights = 1 << 40 // of the whole model
)

// withDefaults returns c with its defaults.
func (c Config) withDefaults() Config {
	if c.KVHeads == 0 {
		c.KVHeads = c.Heads
	}
	if c.HeadDim == 0 && c.Heads > 0 {
		c.HeadDim = c.Dim / c.Heads
	}
	if c.Epsilon == 0 {
		c.Epsilon = 1e-5
	}
	if c.Architecture == Llama && c.RopeBase == 0 {
		c.RopeBase = 10000
	}
	if c.Architecture == Llama && c.RopePairing == "" {
		c.RopePairing = HalfSplit
	}
	return c
}

// Validate returns an error that names the first field that is out of range, or nil.
func (c Config) Validate() error {
	d := c.withDefaults()
	for _, f := range []struct {
		name       string
		value, max int
	}{
		{"vocabulary", d.Vocabulary, maxTokens}, {"context", d.Context, maxTokens}, {"dim", d.Dim, maxWidth},
		{"layers", d.Layers, maxLayers}, {"heads", d.Heads, maxWidth}, {"kv_heads", d.KVHeads, maxWidth},
		{"head_dim", d.HeadDim, maxWidth}, {"hidden", d.Hidden, maxWidth},
	} {
		if f.value < 1 || f.value > f.max {
			return fmt.Errorf("%s is %d, want 1 to %d", f.name, f.value, f.max)
		}
	}
	switch {
	case c.HeadDim == 0 && d.Dim%d.Heads != 0:
		return fmt.Errorf("dim %d is not a multiple of %d heads", d.Dim, d.Heads)
	case d.Heads%d.KVHeads != 0:
		return fmt.Errorf("heads %d is not a multiple of kv_heads %d", d.Heads, d.KVHeads)
	case d.Heads*d.HeadDim > maxWidth:
		return fmt.Errorf("heads %d × head_dim %d is %d, want at most %d", d.Heads, d.HeadDim, d.Heads*d.HeadDim, maxWidth)
	case !(d.Epsilon > 0 && d.Epsilon < 1):
		return fmt.Errorf("epsilon is %v, want more than 0 and less than 1", d.Epsilon)
	case d.Weights() > maxWeights:
		return fmt.Errorf("the model has more than %d weights", int64(maxWeights))
	}
	switch d.Architecture {
	case Llama:
		return d.validateRope()
	case GPT2:
		if d.RopeBase != 0 || d.RopePairing != "" || d.RopeScaling != nil || d.QKVBias || d.OutputBias || d.MLPBias || d.QKNorm {
			return fmt.Errorf("a %s has no rotary positions, optional biases or norms of heads", GPT2)
		}
		return nil
	}
	return fmt.Errorf("architecture is %q, want %q or %q", d.Architecture, Llama, GPT2)
}

// Weights returns the number of weights of a valid c.
func (c Config) Weights() int64 {
	counted := counter{biases: c.Architecture == GPT2}
	assemble(c.withDefaults(), nil, &counted)
	return counted.weights
}

// rotary returns the angles of c, or nil if it has learned positions.
func (c Config) rotary() *tensor.Rotary {
	if c.Architecture == GPT2 {
		return nil
	}
	return c.angles()
}
