package transformer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"reflect"
	"slices"

	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// WriteSafetensors writes the weights to w as the file model.safetensors of Hugging Face. 16-bit
// weights keep their type. It does not write LoRA: see [Model.Merge] and [Model.AdapterTensors].
func (m *Model) WriteSafetensors(w io.Writer) error {
	err := safetensors.Write(w, slices.Collect(m.Tensors()), map[string]string{"format": "pt"})
	if err != nil {
		return fmt.Errorf("transformer: %w", err)
	}
	return nil
}

// HFConfig returns the shape of the model as the text of a config.json. A shape that no known model
// type has is an error.
func (m *Model) HFConfig() ([]byte, error) {
	c := m.config
	if c.Architecture == Llama {
		c.RopePairing = HalfSplit // as in Tensors
	}
	text, err := json.MarshalIndent(c.hf(), "", "  ")
	if err != nil {
		return nil, err
	}
	text = append(text, '\n')
	again, err := parseHFConfig(text)
	if err != nil {
		return nil, fmt.Errorf("config.json: %w", err)
	}
	if !reflect.DeepEqual(again, c) {
		return nil, fmt.Errorf("config.json: no model type can describe the shape %+v", c)
	}
	return text, nil
}

// hf returns the fields of a config.json.
func (c Config) hf() map[string]any {
	if c.Architecture == GPT2 {
		return map[string]any{
			"model_type": "gpt2", "architectures": []string{"GPT2LMHeadModel"}, "vocab_size": c.Vocabulary,
			"n_positions": c.Context, "n_ctx": c.Context, "n_embd": c.Dim, "n_layer": c.Layers, "n_head": c.Heads,
			"n_inner": c.Hidden, "layer_norm_epsilon": c.Epsilon, "tie_word_embeddings": c.Tied,
			"activation_function": "gelu_new",
		}
	}
	kind := c.modelType()
	at := slices.IndexFunc(hfFamilies, func(f hfFamily) bool { return f.name == kind })
	h := map[string]any{
		"model_type": kind, "architectures": []string{hfFamilies[at].class}, "vocab_size": c.Vocabulary,
		"max_position_embeddings": c.Context, "hidden_size": c.Dim, "intermediate_size": c.Hidden,
		"num_hidden_layers": c.Layers, "num_attention_heads": c.Heads, "num_key_value_heads": c.KVHeads,
		"head_dim": c.HeadDim, "rms_norm_eps": float(c.Epsilon), "tie_word_embeddings": c.Tied, "hidden_act": "silu",
		"attention_bias": c.OutputBias, "mlp_bias": c.MLPBias, "rope_theta": float(c.RopeBase),
	}
	c.hfRope(h)
	c.hfVariant(kind, h)
	return h
}

// modelType returns the model type of a Llama.
func (c Config) modelType() string {
	switch {
	case c.Norms == NormAfter && c.Window > 0:
		return "olmo3"
	case c.Norms == NormAfter:
		return "olmo2"
	case c.Norms == NormAround && c.QKNorm:
		return "gemma3_text"
	case c.Norms == NormAround:
		return "gemma2"
	case c.UnitOffset:
		return "gemma"
	case c.Fused:
		return "phi3"
	case c.AttentionScale != 0:
		return "granite"
	case len(c.NoRotary) > 0:
		return "smollm3"
	case c.QKNorm:
		return "qwen3"
	case c.QKVBias && !c.OutputBias:
		return "qwen2"
	case c.Window > 0:
		return "mistral"
	}
	return "llama"
}

// hfRope adds the fields of scaled or partial rotary positions.
func (c Config) hfRope(h map[string]any) {
	if c.RotaryDim != 0 {
		h["partial_rotary_factor"] = float(c.RotaryDim) / float(c.HeadDim)
	}
	s := c.RopeScaling
	if s == nil {
		return
	}
	scaling := map[string]any{"rope_type": s.Kind, "factor": float(s.Factor)}
	for name, v := range map[string]float64{
		"low_freq_factor": s.LowFactor, "high_freq_factor": s.HighFactor,
		"beta_fast": s.BetaFast, "beta_slow": s.BetaSlow, "attention_factor": s.Magnitude,
	} {
		if v != 0 {
			scaling[name] = float(v)
		}
	}
	if s.Original != 0 {
		scaling["original_max_position_embeddings"] = s.Original
	}
	switch s.Kind {
	case "dynamic": // its original context is that of the model
		delete(scaling, "original_max_position_embeddings")
	case "longrope":
		delete(scaling, "factor") // is that of the two contexts
		scaling["short_factor"], scaling["long_factor"] = allFloats(s.Short), allFloats(s.Long)
		h["original_max_position_embeddings"] = s.Original
		h["max_position_embeddings"] = int(math.Round(s.Factor * float64(s.Original)))
	}
	h["rope_scaling"] = scaling
}

// hfVariant adds the fields of a model type for the Variant of c.
func (c Config) hfVariant(kind string, h map[string]any) {
	if c.Window > 0 {
		h["sliding_window"], h["use_sliding_window"] = c.Window, true
	} else {
		h["sliding_window"] = nil
	}
	if c.Window > 0 && kind != "mistral" && kind != "phi3" {
		types := make([]string, c.Layers)
		for i := range types {
			if types[i] = "full_attention"; c.slides(i) {
				types[i] = "sliding_attention"
			}
		}
		h["layer_types"] = types
	}
	// The padding token that a class has by default must be in the vocabulary.
	if padding := map[string]int{"phi3": 32000, "smollm3": 128004}[kind]; padding >= c.Vocabulary {
		h["pad_token_id"] = nil
	}
	switch kind {
	case "smollm3":
		rotates := make([]int, c.Layers)
		for i, without := range c.NoRotary {
			if !without {
				rotates[i] = 1
			}
		}
		h["no_rope_layers"] = rotates
	case "gemma", "gemma2", "gemma3_text":
		delete(h, "hidden_act")
		h["hidden_activation"] = "gelu_pytorch_tanh"
		if kind == "gemma" {
			h["hidden_act"] = "gelu_pytorch_tanh"
			break
		}
		h["query_pre_attn_scalar"] = wholeIfClose(1 / (c.AttentionScale * c.AttentionScale))
		h["attn_logit_softcapping"], h["final_logit_softcapping"] = nilIfZero(c.AttentionSoftcap), nilIfZero(c.LogitSoftcap)
	case "granite":
		h["attention_multiplier"] = float(c.AttentionScale)
		h["embedding_multiplier"], h["residual_multiplier"] = float(cmp.Or(c.EmbeddingScale, 1)), float(cmp.Or(c.ResidualScale, 1))
		h["logits_scaling"] = float(cmp.Or(c.LogitDivisor, 1))
	}
	if kind == "gemma3_text" || kind == "olmo3" {
		full := map[string]any{"rope_type": "default"}
		if s, ok := h["rope_scaling"].(map[string]any); ok {
			full = maps.Clone(s)
		}
		full["rope_theta"] = float(c.RopeBase)
		local := float(cmp.Or(c.LocalRopeBase, c.RopeBase))
		h["rope_parameters"] = map[string]any{"full_attention": full, "sliding_attention": map[string]any{"rope_type": "default", "rope_theta": local}}
		h["rope_local_base_freq"] = local
	}
}

// float is a number that is written with a point or an exponent: transformers checks the types of
// fields, and does not take 3 for 3.0.
type float float64

// MarshalJSON implements [json.Marshaler].
func (f float) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(float64(f))
	if err == nil && !bytes.ContainsAny(text, ".e") {
		text = append(text, ".0"...)
	}
	return text, err
}

func allFloats(x []float64) []float {
	y := make([]float, len(x))
	for i, v := range x {
		y[i] = float(v)
	}
	return y
}

func nilIfZero(v float64) any {
	if v == 0 {
		return nil
	}
	return float(v)
}

// wholeIfClose returns the whole number that v differs from by rounding, or v if there is none.
func wholeIfClose(v float64) float64 {
	if whole := math.Round(v); math.Abs(v-whole) < 1e-9*v {
		return whole
	}
	return v
}
