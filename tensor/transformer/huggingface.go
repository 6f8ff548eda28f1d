package transformer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// hfConfig is the part of a config.json of Hugging Face's transformers that is read. A pointer is a
// field whose absence does not mean its zero.
type hfConfig struct {
	ModelType     string   `json:"model_type"`
	Architectures []string `json:"architectures"`

	Vocabulary int      `json:"vocab_size"`
	Context    int      `json:"max_position_embeddings"`
	Dim        int      `json:"hidden_size"`
	Hidden     int      `json:"intermediate_size"`
	Layers     int      `json:"num_hidden_layers"`
	Heads      int      `json:"num_attention_heads"`
	KVHeads    int      `json:"num_key_value_heads"`
	HeadDim    int      `json:"head_dim"`
	Epsilon    *float64 `json:"rms_norm_eps"`
	Tied       *bool    `json:"tie_word_embeddings"`
	Activation string   `json:"hidden_act"`

	AttentionBias bool     `json:"attention_bias"`
	MLPBias       bool     `json:"mlp_bias"`
	RopeBase      float64  `json:"rope_theta"`
	RopeScaling   *hfRope  `json:"rope_scaling"`
	Rope          *hfRope  `json:"rope_parameters"` // both of the fields above, since version 5
	Partial       *float64 `json:"partial_rotary_factor"`

	UseWindow *bool           `json:"use_sliding_window"`
	Window    *int            `json:"sliding_window"`
	Quantised json.RawMessage `json:"quantization_config"`

	// Names of GPT-2.
	GPT2Context    int      `json:"n_positions"`
	GPT2Dim        int      `json:"n_embd"`
	GPT2Layers     int      `json:"n_layer"`
	GPT2Heads      int      `json:"n_head"`
	GPT2Hidden     int      `json:"n_inner"`
	GPT2Epsilon    *float64 `json:"layer_norm_epsilon"`
	GPT2Activation string   `json:"activation_function"`
	ScaleScores    *bool    `json:"scale_attn_weights"`
	ScaleByLayer   bool     `json:"scale_attn_by_inverse_layer_idx"`
}

// hfRope is rope_scaling or rope_parameters.
type hfRope struct {
	Type      string  `json:"rope_type"`
	OldType   string  `json:"type"`
	Base      float64 `json:"rope_theta"`
	Factor    float64 `json:"factor"`
	Original  int     `json:"original_max_position_embeddings"`
	Low       float64 `json:"low_freq_factor"`
	High      float64 `json:"high_freq_factor"`
	Fast      float64 `json:"beta_fast"`
	Slow      float64 `json:"beta_slow"`
	Magnitude float64 `json:"attention_factor"`
	Scale     float64 `json:"mscale"`
	ScaleAll  float64 `json:"mscale_all_dim"`
	Truncate  *bool   `json:"truncate"`
}

// hfTypes are the supported model types, by the name of their class.
var hfTypes = []struct{ name, class string }{
	{"llama", "LlamaForCausalLM"}, {"mistral", "MistralForCausalLM"}, {"qwen2", "Qwen2ForCausalLM"},
	{"qwen3", "Qwen3ForCausalLM"}, {"gpt2", "GPT2LMHeadModel"},
}

// readHFConfig reads the config.json of a folder.
func readHFConfig(dir string) (Config, error) {
	const limit = 1 << 20 // bytes; published files have about a thousand
	path := filepath.Join(dir, "config.json")
	f, err := os.Open(path)
	if err != nil {
		return Config{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && len(text) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	var c Config
	if err == nil {
		c, err = parseHFConfig(text)
	}
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// parseHFConfig returns a valid Config, or an error that names what is wrong or not supported.
func parseHFConfig(text []byte) (Config, error) {
	var h hfConfig
	if err := json.Unmarshal(text, &h); err != nil {
		return Config{}, err
	}
	kind, err := h.kind()
	if err != nil {
		return Config{}, err
	}
	if len(h.Quantised) > 0 && string(h.Quantised) != "null" {
		return Config{}, fmt.Errorf("quantization_config: quantised weights are not supported; use the original model in F32, F16 or BF16")
	}
	var c Config
	if kind == "gpt2" {
		c, err = h.gpt2()
	} else {
		c, err = h.llama(kind)
	}
	if err != nil {
		return Config{}, err
	}
	return c.withDefaults(), c.Validate()
}

// kind returns the model type, or that of the class if it is absent.
func (h *hfConfig) kind() (string, error) {
	var names []string
	for _, k := range hfTypes {
		if h.ModelType == k.name || h.ModelType == "" && slices.Contains(h.Architectures, k.class) {
			return k.name, nil
		}
		names = append(names, k.name)
	}
	return "", fmt.Errorf("model_type %q with architectures %q is not supported; want one of %s", h.ModelType, h.Architectures, strings.Join(names, ", "))
}

func (h *hfConfig) gpt2() (Config, error) {
	switch h.GPT2Activation {
	case "", "gelu_new", "gelu_pytorch_tanh", "gelu_fast":
	default:
		return Config{}, fmt.Errorf("activation_function is %q, want gelu_new", h.GPT2Activation)
	}
	if h.ScaleByLayer || !isTrue(h.ScaleScores, true) {
		return Config{}, fmt.Errorf("scale_attn_weights and scale_attn_by_inverse_layer_idx are not at their defaults, which is not supported")
	}
	if h.GPT2Hidden == 0 && h.GPT2Dim <= maxWidth/4 {
		h.GPT2Hidden = 4 * h.GPT2Dim
	}
	return Config{
		Architecture: GPT2, Vocabulary: h.Vocabulary, Context: h.GPT2Context, Dim: h.GPT2Dim, Layers: h.GPT2Layers,
		Heads: h.GPT2Heads, Hidden: h.GPT2Hidden, Epsilon: given(h.GPT2Epsilon, 1e-5), Tied: isTrue(h.Tied, true),
	}, nil
}

func (h *hfConfig) llama(kind string) (Config, error) {
	c := Config{
		Architecture: Llama, Vocabulary: h.Vocabulary, Context: h.Context, Dim: h.Dim, Layers: h.Layers,
		Heads: h.Heads, KVHeads: h.KVHeads, HeadDim: h.HeadDim, Hidden: h.Hidden,
		Epsilon: given(h.Epsilon, 1e-6), Tied: isTrue(h.Tied, false), RopeBase: h.RopeBase,
		QKVBias: h.AttentionBias, OutputBias: h.AttentionBias, MLPBias: h.MLPBias && kind == "llama",
	}
	switch kind {
	case "mistral":
		c.QKVBias, c.OutputBias = false, false
	case "qwen2":
		c.QKVBias, c.OutputBias = true, false
	case "qwen3":
		c.QKNorm = true
		c.HeadDim = cmp.Or(h.HeadDim, 128)
	}
	if h.Activation != "" && h.Activation != "silu" && h.Activation != "swish" {
		return c, fmt.Errorf("hidden_act is %q, want silu", h.Activation)
	}
	if given(h.Partial, 1) != 1 {
		return c, fmt.Errorf("partial_rotary_factor is %v: rotary positions of a part of a head are not supported", *h.Partial)
	}
	// Within its window, sliding attention is full attention: the window limits the context.
	if h.Window != nil && isTrue(h.UseWindow, kind == "mistral") && *h.Window > 0 {
		c.Context = min(c.Context, *h.Window)
	}
	rope := h.RopeScaling
	if h.Rope != nil {
		rope = h.Rope
		c.RopeBase = cmp.Or(h.Rope.Base, h.RopeBase)
	}
	var err error
	if rope != nil {
		c.RopeScaling, err = rope.scaling(h.Context)
	}
	return c, err
}

// scaling returns nil if positions are not scaled.
func (r *hfRope) scaling(context int) (*RopeScaling, error) {
	kind := r.Type
	if kind == "" {
		kind = r.OldType
	}
	s := &RopeScaling{Kind: kind, Factor: r.Factor, Original: r.Original}
	if s.Original == 0 {
		s.Original = context
	}
	switch kind {
	case "", "default":
		return nil, nil
	case "linear":
		s.Original = 0
	case "llama3":
		s.LowFactor, s.HighFactor = r.Low, r.High
	case "yarn":
		if !isTrue(r.Truncate, true) {
			return nil, fmt.Errorf("rope_scaling: truncate is false, which is not supported")
		}
		s.BetaFast, s.BetaSlow, s.Magnitude = r.Fast, r.Slow, r.Magnitude
		if s.Magnitude == 0 && r.Scale != 0 && r.ScaleAll != 0 {
			log := 0.1 * math.Log(r.Factor)
			s.Magnitude = (r.Scale*log + 1) / (r.ScaleAll*log + 1)
		}
	default:
		return nil, fmt.Errorf("rope_scaling: type %q is not supported; known are %s", kind, ropeKinds)
	}
	return s, nil
}

func isTrue(b *bool, byDefault bool) bool {
	if b == nil {
		return byDefault
	}
	return *b
}

func given(v *float64, byDefault float64) float64 {
	if v == nil {
		return byDefault
	}
	return *v
}
