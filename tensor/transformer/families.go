package transformer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone/tensor/internal/jsontype"
)

// hfFamily is a model type of Hugging Face's transformers.
type hfFamily struct {
	name, class string
	config      func(*hfConfig) (Config, error)
}

// hfFamilies are the supported model types. gemma3 is the type of models that also read images;
// their language model is read.
var hfFamilies = []hfFamily{
	{"llama", "LlamaForCausalLM", (*hfConfig).llama},
	{"mistral", "MistralForCausalLM", (*hfConfig).mistral},
	{"qwen2", "Qwen2ForCausalLM", (*hfConfig).qwen2},
	{"qwen3", "Qwen3ForCausalLM", (*hfConfig).qwen3},
	{"smollm3", "SmolLM3ForCausalLM", (*hfConfig).smollm3},
	{"gemma", "GemmaForCausalLM", (*hfConfig).gemma},
	{"gemma2", "Gemma2ForCausalLM", (*hfConfig).gemma2},
	{"gemma3_text", "Gemma3ForCausalLM", (*hfConfig).gemma3},
	{"gemma3", "Gemma3ForConditionalGeneration", (*hfConfig).gemma3WithImages},
	{"phi3", "Phi3ForCausalLM", (*hfConfig).phi3},
	{"olmo2", "Olmo2ForCausalLM", (*hfConfig).olmo2},
	{"olmo3", "Olmo3ForCausalLM", (*hfConfig).olmo3},
	{"granite", "GraniteForCausalLM", (*hfConfig).granite},
	{"gpt2", "GPT2LMHeadModel", (*hfConfig).gpt2},
}

// common returns the fields that all families but GPT-2 have.
func (h *hfConfig) common() Config {
	return Config{
		Architecture: Llama, Vocabulary: h.Vocabulary, Context: h.Context, Dim: h.Dim, Layers: h.Layers,
		Heads: h.Heads, KVHeads: h.KVHeads, HeadDim: h.HeadDim, Hidden: h.Hidden,
		Epsilon: given(h.Epsilon, 1e-6), Tied: given(h.Tied, false), RopeBase: h.RopeBase,
	}
}

// withSiLU returns c, or an error if the gated unit has another activation.
func (h *hfConfig) withSiLU(c Config) (Config, error) {
	if h.Activation != "" && h.Activation != "silu" && h.Activation != "swish" {
		return c, fmt.Errorf("hidden_act is %q, want silu", h.Activation)
	}
	return h.withRope(c)
}

func (h *hfConfig) llama() (Config, error) {
	c := h.common()
	c.QKVBias, c.OutputBias, c.MLPBias = h.AttentionBias, h.AttentionBias, h.MLPBias
	return h.withSiLU(c)
}

// mistral has a window of 4096 tokens in all blocks, if the field is absent.
func (h *hfConfig) mistral() (Config, error) {
	c := h.common()
	c.Window = h.Window.or(4096)
	return h.withSiLU(c)
}

func (h *hfConfig) qwen2() (Config, error) {
	c := h.common()
	c.QKVBias = true
	if err := h.lastSlide(&c); err != nil {
		return c, err
	}
	return h.withSiLU(c)
}

func (h *hfConfig) qwen3() (Config, error) {
	c := h.common()
	c.QKNorm, c.QKVBias, c.OutputBias = true, h.AttentionBias, h.AttentionBias
	c.HeadDim = cmp.Or(h.HeadDim, 128)
	if err := h.lastSlide(&c); err != nil {
		return c, err
	}
	return h.withSiLU(c)
}

// lastSlide gives the last blocks of a Qwen the window, if it is in use.
func (h *hfConfig) lastSlide(c *Config) error {
	if !h.UseWindow {
		return nil
	}
	first := given(h.MaxWindowLayers, 28)
	return h.slide(c, h.Window.or(4096), func(block int) bool { return block >= first })
}

// slide gives a window to the blocks of layer_types or, if that is absent, to those for which
// slides is true.
func (h *hfConfig) slide(c *Config, window int, slides func(block int) bool) error {
	if c.Layers < 1 || c.Layers > maxLayers {
		return nil // Validate returns the error
	}
	if len(h.LayerTypes) > 0 && len(h.LayerTypes) != c.Layers {
		return fmt.Errorf("layer_types has %d elements, num_hidden_layers is %d", len(h.LayerTypes), c.Layers)
	}
	c.Sliding = make([]bool, c.Layers)
	for i := range c.Sliding {
		if len(h.LayerTypes) == 0 {
			c.Sliding[i] = slides(i)
			continue
		}
		switch h.LayerTypes[i] {
		case "full_attention":
		case "sliding_attention":
			c.Sliding[i] = true
		default:
			return fmt.Errorf("layer_types: block %d has %q, want full_attention or sliding_attention", i, h.LayerTypes[i])
		}
	}
	if c.Window = window; window == 0 || !slices.Contains(c.Sliding, true) {
		c.Window, c.Sliding = 0, nil
	} else if !slices.Contains(c.Sliding, false) {
		c.Sliding = nil
	}
	return nil
}

func (h *hfConfig) smollm3() (Config, error) {
	c := h.common()
	c.Tied, c.RopeBase = given(h.Tied, true), cmp.Or(h.RopeBase, 2e6)
	c.QKVBias, c.OutputBias, c.MLPBias = h.AttentionBias, h.AttentionBias, h.MLPBias
	interval := given(h.NoRotaryInterval, 4)
	if interval < 1 {
		return c, fmt.Errorf("no_rope_layer_interval is %d, want at least 1", interval)
	}
	if c.Layers < 1 || c.Layers > maxLayers {
		return c, nil // Validate returns the error
	}
	if n := len(h.Rotates); n != 0 && n < c.Layers {
		return c, fmt.Errorf("no_rope_layers has %d elements, num_hidden_layers is %d", n, c.Layers)
	}
	without := make([]bool, c.Layers)
	for i := range without {
		if without[i] = (i+1)%interval == 0; len(h.Rotates) > 0 {
			without[i] = h.Rotates[i] == 0
		}
	}
	if slices.Contains(without, true) {
		c.NoRotary = without
	}
	if h.UseWindow {
		if err := h.slide(&c, h.Window.or(0), func(block int) bool { return without[block] }); err != nil {
			return c, err
		}
	}
	return h.withSiLU(c)
}

// gemma is the common form of the three generations; gemma2 and gemma3 add to it.
func (h *hfConfig) gemma() (Config, error) {
	c := h.common()
	c.Tied, c.HeadDim = given(h.Tied, true), cmp.Or(h.HeadDim, 256)
	c.QKVBias, c.OutputBias = h.AttentionBias, h.AttentionBias
	c.UnitOffset, c.GELU, c.EmbeddingScale = true, true, math.Sqrt(float64(h.Dim))
	switch a := cmp.Or(h.HiddenActivation, h.Activation); a {
	case "", "gelu_pytorch_tanh", "gelu_new", "gelu_fast":
	case "gelu": // in the first published files, which mean the form with tanh
		if h.ModelType != "gemma" {
			return c, fmt.Errorf("hidden_activation is %q, want gelu_pytorch_tanh", a)
		}
	default:
		return c, fmt.Errorf("hidden_activation is %q, want gelu_pytorch_tanh", a)
	}
	if h.Bidirectional {
		return c, errors.New("use_bidirectional_attention is true: the model embeds texts and does not write them")
	}
	return h.withRope(c)
}

func (h *hfConfig) gemma2() (Config, error) {
	c, err := h.gemma()
	if err == nil {
		err = h.slide(&c, h.Window.or(4096), func(block int) bool { return block%2 == 0 })
	}
	c.Norms = NormAround
	c.AttentionScale = math.Pow(given(h.QueryScalar, 256), -0.5)
	c.AttentionSoftcap, c.LogitSoftcap = h.AttentionSoftcap.or(50), h.LogitSoftcap.or(30)
	return c, err
}

func (h *hfConfig) gemma3() (Config, error) {
	h.RopeBase = cmp.Or(h.RopeBase, 1e6)
	c, err := h.gemma()
	pattern := given(h.WindowPattern, 6)
	switch {
	case err != nil:
	case pattern < 1:
		err = fmt.Errorf("sliding_window_pattern is %d, want at least 1", pattern)
	default:
		err = h.slide(&c, h.Window.or(4096), func(block int) bool { return (block+1)%pattern != 0 })
	}
	c.Norms, c.QKNorm = NormAround, true
	c.AttentionScale = math.Pow(given(h.QueryScalar, 256), -0.5)
	c.AttentionSoftcap, c.LogitSoftcap = h.AttentionSoftcap.or(0), h.LogitSoftcap.or(0)
	if err == nil {
		err = h.localRope(&c, cmp.Or(h.LocalRopeBase, 1e4))
	}
	return c, err
}

// gemma3WithImages reads the language model of a Gemma 3 that also reads images. Published files
// leave out what has the default of its class.
func (h *hfConfig) gemma3WithImages() (Config, error) {
	if len(h.Text) == 0 {
		return Config{}, errors.New("text_config is missing")
	}
	text := hfConfig{ModelType: "gemma3_text", Vocabulary: 262208, Context: 131072, Heads: 8, KVHeads: 4, HeadDim: 256, Tied: h.Tied}
	if err := json.Unmarshal(h.Text, &text); err != nil {
		return Config{}, fmt.Errorf("text_config: %w", jsontype.Explain(err))
	}
	return text.gemma3()
}

func (h *hfConfig) phi3() (Config, error) {
	c := h.common()
	c.Epsilon, c.Fused, c.Window = given(h.Epsilon, 1e-5), true, h.Window.or(0)
	if h.RopeScaling != nil && (h.RopeScaling.kind() == "yarn" || h.RopeScaling.kind() == "su") {
		h.RopeScaling.Type = "longrope" // its names in the first published files
	}
	return h.withSiLU(c)
}

func (h *hfConfig) olmo2() (Config, error) {
	c := h.common()
	c.Epsilon, c.Norms, c.QKNorm, c.QKNormAll = given(h.Epsilon, 1e-5), NormAfter, true, true
	c.QKVBias, c.OutputBias = h.AttentionBias, h.AttentionBias
	return h.withSiLU(c)
}

func (h *hfConfig) olmo3() (Config, error) {
	h.RopeBase = cmp.Or(h.RopeBase, 5e5)
	c, err := h.olmo2()
	if err == nil {
		err = h.slide(&c, h.Window.or(4096), func(block int) bool { return (block+1)%4 != 0 })
	}
	if err == nil {
		err = h.localRope(&c, c.RopeBase)
	}
	return c, err
}

func (h *hfConfig) granite() (Config, error) {
	c := h.common()
	c.QKVBias, c.OutputBias, c.MLPBias = h.AttentionBias, h.AttentionBias, h.MLPBias
	c.AttentionScale = given(h.AttentionFactor, 1)
	for _, f := range []struct {
		to   *float64
		from *float64
	}{{&c.EmbeddingScale, h.EmbeddingFactor}, {&c.ResidualScale, h.ResidualFactor}, {&c.LogitDivisor, h.LogitDivisor}} {
		if v := given(f.from, 1); v != 1 {
			*f.to = v
		}
	}
	return h.withSiLU(c)
}

func (h *hfConfig) gpt2() (Config, error) {
	switch h.GPT2Activation {
	case "", "gelu_new", "gelu_pytorch_tanh", "gelu_fast":
	default:
		return Config{}, fmt.Errorf("activation_function is %q, want gelu_new", h.GPT2Activation)
	}
	if h.ScaleByLayer || !given(h.ScaleScores, true) {
		return Config{}, errors.New("scale_attn_weights and scale_attn_by_inverse_layer_idx are not at their defaults, which is not supported")
	}
	if h.GPT2Hidden == 0 && h.GPT2Dim <= maxWidth/4 {
		h.GPT2Hidden = 4 * h.GPT2Dim
	}
	return Config{
		Architecture: GPT2, Vocabulary: h.Vocabulary, Context: h.GPT2Context, Dim: h.GPT2Dim, Layers: h.GPT2Layers,
		Heads: h.GPT2Heads, Hidden: h.GPT2Hidden, Epsilon: given(h.GPT2Epsilon, 1e-5), Tied: given(h.Tied, true),
	}, nil
}
