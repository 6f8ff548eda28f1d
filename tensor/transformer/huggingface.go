package transformer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/tensor/internal/foreign"
	"github.com/undertone-audit/undertone/tensor/internal/jsontype"
)

// hfConfig is the part of a config.json of Hugging Face's transformers that is read. A pointer is a
// field whose absence does not mean its zero; an optional field can also be null.
type hfConfig struct {
	ModelType     string   `json:"model_type"`
	Architectures []string `json:"architectures"`

	Vocabulary       int      `json:"vocab_size"`
	Context          int      `json:"max_position_embeddings"`
	Dim              int      `json:"hidden_size"`
	Hidden           int      `json:"intermediate_size"`
	Layers           int      `json:"num_hidden_layers"`
	Heads            int      `json:"num_attention_heads"`
	KVHeads          int      `json:"num_key_value_heads"`
	HeadDim          int      `json:"head_dim"`
	Epsilon          *float64 `json:"rms_norm_eps"`
	Tied             *bool    `json:"tie_word_embeddings"`
	Activation       string   `json:"hidden_act"`
	HiddenActivation string   `json:"hidden_activation"` // Gemma's name, which wins

	AttentionBias bool     `json:"attention_bias"`
	MLPBias       bool     `json:"mlp_bias"`
	RopeBase      float64  `json:"rope_theta"`
	LocalRopeBase float64  `json:"rope_local_base_freq"`
	RopeScaling   *hfRope  `json:"rope_scaling"`
	Rope          hfRopes  `json:"rope_parameters"` // the fields above, since version 5
	Original      int      `json:"original_max_position_embeddings"`
	Partial       *float64 `json:"partial_rotary_factor"`

	UseWindow        bool          `json:"use_sliding_window"`
	Window           optional[int] `json:"sliding_window"`
	MaxWindowLayers  *int          `json:"max_window_layers"`      // blocks before the first that slides
	WindowPattern    *int          `json:"sliding_window_pattern"` // of so many blocks the last does not slide
	LayerTypes       []string      `json:"layer_types"`
	Rotates          []int         `json:"no_rope_layers"` // 1 for blocks with positions, in spite of its name
	NoRotaryInterval *int          `json:"no_rope_layer_interval"`
	Bidirectional    bool          `json:"use_bidirectional_attention"`

	QueryScalar      *float64          `json:"query_pre_attn_scalar"`
	AttentionSoftcap optional[float64] `json:"attn_logit_softcapping"`
	LogitSoftcap     optional[float64] `json:"final_logit_softcapping"`
	EmbeddingFactor  *float64          `json:"embedding_multiplier"`
	ResidualFactor   *float64          `json:"residual_multiplier"`
	AttentionFactor  *float64          `json:"attention_multiplier"`
	LogitDivisor     *float64          `json:"logits_scaling"`

	Quantised json.RawMessage `json:"quantization_config"`
	Text      json.RawMessage `json:"text_config"` // the language model in a model with images

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

// optional is a field for which absence and null have different meanings.
type optional[T any] struct {
	given bool
	value *T // nil for null
}

// UnmarshalJSON implements [json.Unmarshaler].
func (o *optional[T]) UnmarshalJSON(text []byte) error {
	o.given = true
	return json.Unmarshal(text, &o.value)
}

// or returns the value, the zero of T for null, or a default if the field is absent.
func (o optional[T]) or(byDefault T) (v T) {
	switch {
	case !o.given:
		return byDefault
	case o.value != nil:
		return *o.value
	}
	return v
}

// readHFConfig reads the config.json of a folder.
func readHFConfig(dir string) (Config, error) {
	const limit = 1 << 20 // bytes; published files have about a thousand
	path := filepath.Join(dir, "config.json")
	f, err := foreign.Open(path)
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
	if err := foreign.Check(text); err != nil {
		return Config{}, err
	}
	var h hfConfig
	if err := json.Unmarshal(text, &h); err != nil {
		return Config{}, jsontype.Explain(err)
	}
	f, err := h.family()
	if err != nil {
		return Config{}, err
	}
	if len(h.Quantised) > 0 && string(h.Quantised) != "null" {
		return Config{}, errors.New("quantization_config: quantised weights are not supported; use the original model in F32, F16 or BF16")
	}
	c, err := f.config(&h)
	if err != nil {
		return Config{}, err
	}
	return c.withDefaults(), c.Validate()
}

// family returns the family of the model type or, if that is absent, of the class.
func (h *hfConfig) family() (hfFamily, error) {
	var names []string
	for _, f := range hfFamilies {
		if h.ModelType == f.name || h.ModelType == "" && slices.Contains(h.Architectures, f.class) {
			return f, nil
		}
		names = append(names, f.name)
	}
	return hfFamily{}, fmt.Errorf("model_type %q with architectures %q is not supported; want one of %s", h.ModelType, h.Architectures, strings.Join(names, ", "))
}

func given[T any](v *T, byDefault T) T {
	if v == nil {
		return byDefault
	}
	return *v
}
