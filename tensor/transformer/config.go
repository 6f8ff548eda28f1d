package transformer

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"

	"github.com/undertone-audit/undertone/tensor"
)

// Architecture is a family of models whose blocks have the same parts.
type Architecture string

// Architectures.
const (
	// Llama is the block of Touvron et al. 2023: RMSNorm, rotary positions, grouped queries,
	// SwiGLU. Mistral, Qwen, SmolLM, Gemma, Phi, OLMo and Granite differ in fields of a Config.
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

	Variant
}

// Variant is what distinguishes younger families of models from Llama. The zero value of a field is
// Llama's form.
type Variant struct {
	Norms      NormPlacement `json:"norms,omitempty"`       // (default NormBefore)
	UnitOffset bool          `json:"unit_offset,omitempty"` // norms multiply by 1 + gain (Gemma)
	QKNormAll  bool          `json:"qk_norm_all,omitempty"` // QKNorm spans all heads of a token (OLMo 2)
	GELU       bool          `json:"gelu,omitempty"`        // the gated unit has GELU (in its form with tanh) instead of SiLU (Gemma)
	Fused      bool          `json:"fused,omitempty"`       // one layer computes queries, keys and values, one both inputs of the gated unit (Phi-3)

	RotaryDim     int     `json:"rotary_dim,omitempty"`      // first elements of a head that rotate, even (default HeadDim)
	LocalRopeBase float64 `json:"local_rope_base,omitempty"` // RopeBase of sliding blocks, whose positions then have no RopeScaling (Gemma 3, OLMo 3), > 1 (default as the other blocks)
	NoRotary      []bool  `json:"no_rotary,omitempty"`       // by block, whether it has no positions (SmolLM3) (default none)
	Window        int     `json:"window,omitempty"`          // keys that a query of a sliding block sees, up to its own (default all)
	Sliding       []bool  `json:"sliding,omitempty"`         // by block, whether it has the Window (default all)

	AttentionScale   float64 `json:"attention_scale,omitempty"`   // factor of q·kᵀ (Gemma, Granite) (default 1/√HeadDim)
	AttentionSoftcap float64 `json:"attention_softcap,omitempty"` // bound of a score s, which becomes cap·tanh(s/cap) (Gemma 2) (default none)
	LogitSoftcap     float64 `json:"logit_softcap,omitempty"`     // the same for the logits
	EmbeddingScale   float64 `json:"embedding_scale,omitempty"`   // factor of the embedding (Gemma, Granite) (default 1)
	ResidualScale    float64 `json:"residual_scale,omitempty"`    // factor of what attention and the feed-forward part add (Granite) (default 1)
	LogitDivisor     float64 `json:"logit_divisor,omitempty"`     // of the logits (Granite) (default 1)
}

// NormPlacement says where a block has its norms.
type NormPlacement string

// Placements of norms.
const (
	NormBefore NormPlacement = ""       // before attention and before the feed-forward part
	NormAfter  NormPlacement = "after"  // after both, before the results are added (OLMo 2)
	NormAround NormPlacement = "around" // before and after both (Gemma 2)
)

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
		return cmp.Or(d.validateRope(), d.validateVariant())
	case GPT2:
		if d.RopeBase != 0 || d.RopePairing != "" || d.RopeScaling != nil || d.QKVBias || d.OutputBias || d.MLPBias || d.QKNorm {
			return fmt.Errorf("a %s has no rotary positions, optional biases or norms of heads", GPT2)
		}
		if !reflect.ValueOf(d.Variant).IsZero() {
			return fmt.Errorf("a %s has no variants", GPT2)
		}
		return nil
	}
	return fmt.Errorf("architecture is %q, want %q or %q", d.Architecture, Llama, GPT2)
}

// Weights returns the number of weights of a valid c.
func (c Config) Weights() int64 {
	counted := counter{biases: c.Architecture == GPT2}
	assemble(c.withDefaults(), rotary{}, &counted)
	return counted.weights
}

// validateVariant returns an error that names the first field of a Llama's Variant that is out of
// range, or nil.
func (c Config) validateVariant() error {
	switch {
	case c.Norms != NormBefore && c.Norms != NormAfter && c.Norms != NormAround:
		return fmt.Errorf("norms is %q, want \"\", %q or %q", c.Norms, NormAfter, NormAround)
	case c.QKNormAll && !c.QKNorm:
		return errors.New("qk_norm_all needs qk_norm")
	case c.Fused && (c.QKVBias || c.OutputBias || c.MLPBias):
		return errors.New("a model with fused layers has no biases")
	case c.RotaryDim < 0 || c.RotaryDim > c.HeadDim || c.RotaryDim%2 != 0:
		return fmt.Errorf("rotary_dim is %d, want an even number up to head_dim %d", c.RotaryDim, c.HeadDim)
	case c.RopePairing == Interleaved && (c.Fused || c.RotaryDim != 0):
		return fmt.Errorf("rope_pairing %q is not supported with fused layers or rotary_dim", Interleaved)
	case c.Window < 0 || c.Window > maxTokens:
		return fmt.Errorf("window is %d, want 0 to %d", c.Window, maxTokens)
	case len(c.NoRotary) != 0 && len(c.NoRotary) != c.Layers:
		return fmt.Errorf("no_rotary has %d elements, want 0 or one of each of the %d blocks", len(c.NoRotary), c.Layers)
	case len(c.Sliding) != 0 && (len(c.Sliding) != c.Layers || c.Window == 0):
		return fmt.Errorf("sliding has %d elements with a window of %d, want none, or one of each of the %d blocks with a window", len(c.Sliding), c.Window, c.Layers)
	case c.LocalRopeBase != 0 && !(c.Window > 0 && c.LocalRopeBase > 1 && c.LocalRopeBase < 1e15):
		return fmt.Errorf("local_rope_base is %v with a window of %d, want a number above 1 with a window", c.LocalRopeBase, c.Window)
	}
	for _, f := range []struct {
		name  string
		value float64
	}{
		{"attention_scale", c.AttentionScale}, {"attention_softcap", c.AttentionSoftcap}, {"logit_softcap", c.LogitSoftcap},
		{"embedding_scale", c.EmbeddingScale}, {"residual_scale", c.ResidualScale}, {"logit_divisor", c.LogitDivisor},
	} {
		if f.value != 0 && !(f.value > 1e-6 && f.value < 1e6) {
			return fmt.Errorf("%s is %v, want 1e-6 to 1e6, or 0 for its default", f.name, f.value)
		}
	}
	return nil
}

// slides reports whether a block has the window.
func (c Config) slides(block int) bool {
	return c.Window > 0 && (len(c.Sliding) == 0 || c.Sliding[block])
}

// attention returns the options of the attention of a block.
func (c Config) attention(block int) tensor.AttentionOptions {
	o := tensor.AttentionOptions{Scale: float32(c.AttentionScale), Softcap: float32(c.AttentionSoftcap)}
	if c.slides(block) {
		o.Window = c.Window
	}
	return o
}
