package transformer

import (
	"slices"
	"strings"
	"testing"
)

// llamaWith returns a config.json with more fields; a later field replaces an earlier one of its
// name.
func llamaWith(more string) string {
	text := `{"model_type": "llama", "vocab_size": 5, "max_position_embeddings": 80, "hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 1, "num_attention_heads": 2`
	if more != "" {
		text += ", " + more
	}
	return text + "}"
}

func TestConfigErrors(t *testing.T) {
	for _, c := range []struct{ reason, text, want string }{
		{"another family", llamaWith(`"model_type": "mamba"`), `model_type "mamba" with architectures [] is not supported; want one of llama, mistral, qwen2, qwen3, smollm3, gemma`},
		{"nothing", `{}`, "want one of llama"},
		{"no JSON", `{"model_type": `, "unexpected end"},
		{"a text for a number", llamaWith(`"hidden_size": "8"`), `field "hidden_size" is a JSON string, want a whole number`},
		{"a number with a fraction", llamaWith(`"num_hidden_layers": 1.5`), `field "num_hidden_layers" is a JSON number 1.5, want a whole number`},
		{"a number for a flag", llamaWith(`"tie_word_embeddings": 1`), `field "tie_word_embeddings" is a JSON number, want true or false`},
		{"a number for a list", llamaWith(`"layer_types": 3`), `field "layer_types" is a JSON number, want a list`},
		{"a list for an object", llamaWith(`"rope_scaling": [1]`), `field "rope_scaling" is a JSON array, want an object`},
		{"a text inside an object", llamaWith(`"rope_scaling": {"type": "linear", "factor": "2"}`), `field "rope_scaling.factor" is a JSON string, want a number`},
		{"a text for an optional number", llamaWith(`"model_type": "mistral", "sliding_window": "4096"`), `field "sliding_window" is a JSON string, want a whole number`},
		{"a text inside an object by type of block", llamaWith(`"rope_parameters": {"full_attention": {"rope_theta": "1e6"}}`), `rope_theta" is a JSON string, want a number`},
		{"a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 700\n", "is a Git LFS pointer: run git lfs pull"},
		{"no layers", llamaWith(`"num_hidden_layers": 0`), "layers is 0"},
		{"a negative vocabulary", llamaWith(`"vocab_size": -1`), "vocabulary is -1"},
		{"heads that do not divide", llamaWith(`"num_attention_heads": 3`), "dim 8 is not a multiple of 3 heads"},
		{"kv heads that do not divide", llamaWith(`"num_key_value_heads": 3`), "heads 2 is not a multiple of kv_heads 3"},
		{"a head that has no pairs", llamaWith(`"head_dim": 3`), "head_dim is 3, want an even number"},
		{"an unknown scaling", llamaWith(`"rope_scaling": {"rope_type": "proportional"}`), `"proportional" is not supported; known are linear, llama3, yarn, dynamic and longrope`},
		{"longrope without its factors", llamaWith(`"rope_scaling": {"rope_type": "longrope"}`), `0 short and 0 long factors, want one of each for 2 frequencies`},
		{"longrope with a factor of 0", llamaWith(`"rope_scaling": {"rope_type": "longrope", "short_factor": [1, 0], "long_factor": [1, 1]}`), `a short or long factor is 0`},
		{"a scaling without factor", llamaWith(`"rope_scaling": {"type": "linear"}`), "factor is 0"},
		{"llama3 without its fields", llamaWith(`"rope_scaling": {"rope_type": "llama3", "factor": 8}`), "low_factor is 0"},
		{"another activation", llamaWith(`"hidden_act": "gelu"`), `hidden_act is "gelu", want silu`},
		{"an odd part of a head", llamaWith(`"model_type": "phi3", "partial_rotary_factor": 0.3`), "partial_rotary_factor is 0.3"},
		{"a part of a head that transformers ignores", llamaWith(`"partial_rotary_factor": 0.5`), "partial_rotary_factor is 0.5, which is supported for phi3 alone"},
		{"more than a head", llamaWith(`"model_type": "phi3", "partial_rotary_factor": 1.5`), "partial_rotary_factor is 1.5"},
		{"types of too few blocks", llamaWith(`"model_type": "gemma2", "num_hidden_layers": 2, "layer_types": ["full_attention"]`), "layer_types has 1 elements, num_hidden_layers is 2"},
		{"an unknown type of block", llamaWith(`"model_type": "gemma2", "layer_types": ["linear_attention"]`), `block 0 has "linear_attention", want full_attention or sliding_attention`},
		{"positions of too few blocks", llamaWith(`"model_type": "smollm3", "num_hidden_layers": 2, "no_rope_layers": [1]`), "no_rope_layers has 1 elements, num_hidden_layers is 2"},
		{"an interval of nothing", llamaWith(`"model_type": "smollm3", "no_rope_layer_interval": 0`), "no_rope_layer_interval is 0"},
		{"a pattern of nothing", llamaWith(`"model_type": "gemma3_text", "sliding_window_pattern": 0`), "sliding_window_pattern is 0"},
		{"a Gemma of another activation", llamaWith(`"model_type": "gemma2", "hidden_activation": "silu"`), `hidden_activation is "silu", want gelu_pytorch_tanh`},
		{"an embedding model", llamaWith(`"model_type": "gemma3_text", "use_bidirectional_attention": true`), "use_bidirectional_attention is true"},
		{"sliding blocks with a scaling", llamaWith(`"model_type": "gemma3_text", "rope_parameters": {"sliding_attention": {"rope_type": "linear", "factor": 2}}`), `sliding_attention has type "linear", want default`},
		{"images without a language model", llamaWith(`"model_type": "gemma3"`), "text_config is missing"},
		{"a language model of the wrong type", llamaWith(`"model_type": "gemma3", "text_config": {"hidden_size": "x"}`), `text_config: field "hidden_size" is a JSON string`},
		{"a negative window", llamaWith(`"model_type": "mistral", "sliding_window": -1`), "window is -1"},
		{"a multiplier of nothing", llamaWith(`"model_type": "granite", "residual_multiplier": -1`), "residual_scale is -1"},
		{"quantised weights", llamaWith(`"quantization_config": {"bits": 4}`), "quantised weights are not supported"},
		{"an epsilon of nothing", llamaWith(`"rms_norm_eps": -1`), "epsilon is -1"},
		{"more weights than memory", llamaWith(`"hidden_size": 1048576, "intermediate_size": 1048576, "num_hidden_layers": 4096`), "more than"},
		{"a GPT-2 of another kind", `{"model_type": "gpt2", "activation_function": "relu"}`, `activation_function is "relu"`},
		{"a GPT-2 that scales by layer", `{"model_type": "gpt2", "scale_attn_by_inverse_layer_idx": true}`, "not supported"},
	} {
		if _, err := parseHFConfig([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
	}
}

func TestConfigDetails(t *testing.T) {
	for _, c := range []struct {
		reason, text string
		holds        func(Config) bool
	}{
		{"defaults are spelled out", llamaWith(""), func(c Config) bool {
			return c.KVHeads == 2 && c.HeadDim == 4 && c.RopeBase == 10000 && c.Epsilon == 1e-6 && !c.Tied && c.RopePairing == HalfSplit
		}},
		{"a window of all blocks", llamaWith(`"model_type": "mistral", "sliding_window": 50`), func(c Config) bool { return c.Context == 80 && c.Window == 50 && c.Sliding == nil }},
		{"a window by default", llamaWith(`"model_type": "mistral"`), func(c Config) bool { return c.Window == 4096 }},
		{"no window", llamaWith(`"model_type": "mistral", "sliding_window": null`), func(c Config) bool { return c.Window == 0 }},
		{"a window that is not used", llamaWith(`"model_type": "qwen2", "sliding_window": 50, "use_sliding_window": false`), func(c Config) bool { return c.Window == 0 && c.QKVBias }},
		{"a window of the last blocks", llamaWith(`"model_type": "qwen2", "num_hidden_layers": 3, "sliding_window": 50, "use_sliding_window": true, "max_window_layers": 1`), func(c Config) bool { return c.Window == 50 && slices.Equal(c.Sliding, []bool{false, true, true}) }},
		{"Gemma 2 by default", llamaWith(`"model_type": "gemma2", "num_hidden_layers": 3`), func(c Config) bool {
			return c.Tied && c.HeadDim == 256 && c.Window == 4096 && slices.Equal(c.Sliding, []bool{true, false, true}) && c.AttentionSoftcap == 50 && c.LogitSoftcap == 30 && c.AttentionScale == 1./16
		}},
		{"Gemma 2 without softcaps", llamaWith(`"model_type": "gemma2", "attn_logit_softcapping": null, "final_logit_softcapping": null`), func(c Config) bool { return c.AttentionSoftcap == 0 && c.LogitSoftcap == 0 }},
		{"Gemma 3 by a pattern and with frequencies in the form of version 4", llamaWith(`"model_type": "gemma3_text", "num_hidden_layers": 3, "sliding_window_pattern": 2, "rope_theta": 1e6, "rope_local_base_freq": 1e4, "rope_scaling": {"rope_type": "linear", "factor": 8}`), func(c Config) bool {
			return slices.Equal(c.Sliding, []bool{true, false, true}) && c.RopeBase == 1e6 && c.LocalRopeBase == 1e4 && c.RopeScaling.Factor == 8
		}},
		{"a published Gemma 3 with images leaves out defaults", `{"model_type": "gemma3", "text_config": {"model_type": "gemma3_text", "hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34, "sliding_window": 1024, "rope_scaling": {"rope_type": "linear", "factor": 8.0}}}`, func(c Config) bool {
			return c.Heads == 8 && c.KVHeads == 4 && c.HeadDim == 256 && c.Vocabulary == 262208 && c.Context == 131072 && c.Tied && c.Window == 1024 && c.LocalRopeBase == 1e4
		}},
		{"SmolLM3 by default", llamaWith(`"model_type": "smollm3", "num_hidden_layers": 5`), func(c Config) bool {
			return c.Tied && c.RopeBase == 2e6 && slices.Equal(c.NoRotary, []bool{false, false, false, true, false})
		}},
		{"SmolLM3 with windows where there are no positions", llamaWith(`"model_type": "smollm3", "num_hidden_layers": 2, "no_rope_layers": [0, 1], "use_sliding_window": true, "sliding_window": 9`), func(c Config) bool {
			return c.Window == 9 && slices.Equal(c.NoRotary, []bool{true, false}) && slices.Equal(c.Sliding, c.NoRotary)
		}},
		{"longrope in its first form limits the context", llamaWith(`"model_type": "phi3", "original_max_position_embeddings": 20, "rope_scaling": {"type": "su", "short_factor": [1, 1], "long_factor": [2, 2]}`), func(c Config) bool {
			return c.Context == 20 && c.RopeScaling.Kind == "longrope" && c.RopeScaling.Factor == 4 && c.Fused
		}},
		{"a dynamic scaling is that of longer texts", llamaWith(`"rope_scaling": {"type": "dynamic", "factor": 2}`), func(c Config) bool { return c.Context == 80 && c.RopeScaling.Kind == "dynamic" }},
		{"a part of a head", llamaWith(`"model_type": "phi3", "partial_rotary_factor": 0.5`), func(c Config) bool { return c.RotaryDim == 2 }},
		{"Granite by default", llamaWith(`"model_type": "granite"`), func(c Config) bool { return c.AttentionScale == 1 && c.ResidualScale == 0 }},
		{"no scaling, in two forms", llamaWith(`"rope_scaling": null, "rope_parameters": {"rope_type": "default", "rope_theta": 5e5}`), func(c Config) bool { return c.RopeScaling == nil && c.RopeBase == 5e5 }},
		{"GPT-2's hidden layer", `{"model_type": "gpt2", "vocab_size": 5, "n_positions": 8, "n_embd": 4, "n_layer": 1, "n_head": 2}`, func(c Config) bool { return c.Hidden == 16 && c.Tied && c.Architecture == GPT2 }},
	} {
		got, err := parseHFConfig([]byte(c.text))
		if err != nil || !c.holds(got) {
			t.Errorf("%s: %+v, %v", c.reason, got, err)
		}
	}
}

// TestWeights: numbers of the models' own pages (GPT-2 small, stories260K) and, for TinyLlama 1.1B,
// of its model card.
func TestWeights(t *testing.T) {
	for _, c := range []struct {
		name   string
		config Config
		want   int64
	}{
		{"GPT-2", Config{Architecture: GPT2, Vocabulary: 50257, Context: 1024, Dim: 768, Layers: 12, Heads: 12, Hidden: 3072, Tied: true}, 124439808},
		{"stories260K", Config{Architecture: Llama, Vocabulary: 512, Context: 512, Dim: 64, Layers: 5, Heads: 8, KVHeads: 4, Hidden: 172, Tied: true}, 260032},
		{"TinyLlama", Config{Architecture: Llama, Vocabulary: 32000, Context: 2048, Dim: 2048, Layers: 22, Heads: 32, KVHeads: 4, Hidden: 5632}, 1100048384},
	} {
		if got := c.config.Weights(); got != c.want {
			t.Errorf("%s has %d weights, want %d", c.name, got, c.want)
		}
	}
}
