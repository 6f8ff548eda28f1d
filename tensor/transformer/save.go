package transformer

import (
	"encoding/json"
	"fmt"
	"io"
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
	kind, class := "llama", "LlamaForCausalLM"
	switch {
	case c.QKNorm:
		kind, class = "qwen3", "Qwen3ForCausalLM"
	case c.QKVBias && !c.OutputBias:
		kind, class = "qwen2", "Qwen2ForCausalLM"
	}
	h := map[string]any{
		"model_type": kind, "architectures": []string{class}, "vocab_size": c.Vocabulary,
		"max_position_embeddings": c.Context, "hidden_size": c.Dim, "intermediate_size": c.Hidden,
		"num_hidden_layers": c.Layers, "num_attention_heads": c.Heads, "num_key_value_heads": c.KVHeads,
		"head_dim": c.HeadDim, "rms_norm_eps": c.Epsilon, "tie_word_embeddings": c.Tied, "hidden_act": "silu",
		"attention_bias": c.OutputBias, "mlp_bias": c.MLPBias, "rope_theta": c.RopeBase,
	}
	if s := c.RopeScaling; s != nil {
		scaling := map[string]any{"rope_type": s.Kind, "factor": s.Factor}
		for name, v := range map[string]float64{
			"original_max_position_embeddings": float64(s.Original), "low_freq_factor": s.LowFactor, "high_freq_factor": s.HighFactor,
			"beta_fast": s.BetaFast, "beta_slow": s.BetaSlow, "attention_factor": s.Magnitude,
		} {
			if v != 0 {
				scaling[name] = v
			}
		}
		h["rope_scaling"] = scaling
	}
	return h
}
