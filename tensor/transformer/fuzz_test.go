package transformer

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"
)

// FuzzLlama2c: every input gives an error or a model that computes.
func FuzzLlama2c(f *testing.F) {
	header := func(fields ...int32) []byte {
		b, _ := binary.Append(nil, binary.LittleEndian, fields)
		return b
	}
	f.Add([]byte{})
	f.Add(append(header(4, 8, 1, 2, 1, 5, 3), make([]byte, 4*182)...))
	f.Add(append(header(4, 8, 1, 2, 1, -5, 3), make([]byte, 4*202)...))
	f.Add(header(1<<20, 1<<20, 1<<12, 1, 1, 1<<24, 1<<24))
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := readLlama2c(bytes.NewReader(file), int64(len(file)))
		if err == nil {
			m.Logits(nil, m.Hidden(nil, []int32{0}, 1))
		}
	})
}

// FuzzConfig: every text gives an error or a Config that is valid and complete.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"model_type": "bert"}`,
		`{"model_type": "llama", "vocab_size": 5, "max_position_embeddings": 8, "hidden_size": 4, "intermediate_size": 6, "num_hidden_layers": 1, "num_attention_heads": 2}`,
		`{"model_type": "qwen3", "vocab_size": 5, "max_position_embeddings": 8, "hidden_size": 4, "intermediate_size": 6, "num_hidden_layers": 1, "num_attention_heads": 2, "head_dim": 4, "rope_scaling": {"rope_type": "yarn", "factor": 2}}`,
		`{"architectures": ["GPT2LMHeadModel"], "vocab_size": 5, "n_positions": 8, "n_embd": 4, "n_layer": 1, "n_head": 2}`,
		`{"model_type": "llama", "vocab_size": 5, "max_position_embeddings": 8, "hidden_size": 4, "intermediate_size": 6, "num_hidden_layers": 1, "num_attention_heads": 2, "rope_parameters": {"rope_type": "llama3", "factor": 2, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 4}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parseHFConfig(text)
		if err != nil {
			return
		}
		if err := c.Validate(); err != nil || !reflect.DeepEqual(c, c.withDefaults()) {
			t.Errorf("%+v: %v", c, err)
		}
		if c.HeadDim < 1<<12 {
			c.angles()
		}
	})
}
