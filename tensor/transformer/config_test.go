package transformer

import (
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
		{"another family", llamaWith(`"model_type": "gemma2"`), `model_type "gemma2" with architectures [] is not supported; want one of llama, mistral, qwen2, qwen3, gpt2`},
		{"nothing", `{}`, "want one of llama"},
		{"no JSON", `{"model_type": `, "unexpected end"},
		{"a text for a number", llamaWith(`"hidden_size": "8"`), "hidden_size"},
		{"no layers", llamaWith(`"num_hidden_layers": 0`), "layers is 0"},
		{"a negative vocabulary", llamaWith(`"vocab_size": -1`), "vocabulary is -1"},
		{"heads that do not divide", llamaWith(`"num_attention_heads": 3`), "dim 8 is not a multiple of 3 heads"},
		{"kv heads that do not divide", llamaWith(`"num_key_value_heads": 3`), "heads 2 is not a multiple of kv_heads 3"},
		{"a head that has no pairs", llamaWith(`"head_dim": 3`), "head_dim is 3, want an even number"},
		{"an unknown scaling", llamaWith(`"rope_scaling": {"rope_type": "longrope"}`), `"longrope" is not supported; known are linear, llama3 and yarn`},
		{"a dynamic scaling", llamaWith(`"rope_scaling": {"type": "dynamic", "factor": 2}`), `"dynamic" is not supported`},
		{"a scaling without factor", llamaWith(`"rope_scaling": {"type": "linear"}`), "factor is 0"},
		{"llama3 without its fields", llamaWith(`"rope_scaling": {"rope_type": "llama3", "factor": 8}`), "low_factor is 0"},
		{"another activation", llamaWith(`"hidden_act": "gelu"`), `hidden_act is "gelu", want silu`},
		{"a part of a head", llamaWith(`"partial_rotary_factor": 0.5`), "partial_rotary_factor is 0.5"},
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
		{"within its window, sliding attention is full attention", llamaWith(`"model_type": "mistral", "sliding_window": 50`), func(c Config) bool { return c.Context == 50 }},
		{"a window that is not used", llamaWith(`"model_type": "qwen2", "sliding_window": 50, "use_sliding_window": false`), func(c Config) bool { return c.Context == 80 && c.QKVBias }},
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
