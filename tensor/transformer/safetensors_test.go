package transformer_test

import (
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/tensor/safetensors"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

func TestFolderErrors(t *testing.T) {
	for _, c := range []struct {
		reason string
		dtype  safetensors.DType
		spoil  func(*folder)
		want   string
	}{
		{"a tensor is missing", safetensors.F32, func(f *folder) { f.tensors = f.tensors[1:] }, "tensor model.embed_tokens.weight is missing"},
		{"a tensor of another shape", safetensors.F32, func(f *folder) { f.config["intermediate_size"] = 21 }, "tensor model.layers.0.mlp.gate_proj.weight has shape [20 24], config.json requires [21 24]"},
		{"a bias that the config does not have", safetensors.F32, func(f *folder) { f.tensor("model.layers.0.self_attn.q_proj.bias", "", 24) }, "model.layers.0.self_attn.q_proj.bias is not part of the model"},
		{"more layers than the config has", safetensors.F32, func(f *folder) { f.config["num_hidden_layers"] = 1 }, "tensor model.layers.1.input_layernorm.weight is not part of the model"},
		{"a weight that is no number", safetensors.F32, func(f *folder) { f.tensors[1].Float32s[3] = float32(math.NaN()) }, "tensor model.layers.0.input_layernorm.weight: weight 3 is NaN"},
		{"an infinite weight of 16 bits", safetensors.BF16, func(f *folder) { f.tensors[0].Halves[3] = 0xff80 }, "tensor model.embed_tokens.weight: weight 3 is not finite"},
		{"the same in the other format", safetensors.F16, func(f *folder) { f.tensors[0].Halves[3] = 0x7c00 }, "weight 3 is not finite"},
		{"an unknown family", safetensors.F32, func(f *folder) { f.config["model_type"] = "mamba" }, "config.json: model_type \"mamba\""},
	} {
		f := newFolder(c.dtype, nil).llama(false)
		c.spoil(f)
		dir := f.write(t)
		_, err := transformer.Load(dir)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
	}
	for _, dir := range []string{t.TempDir(), "absent"} {
		if _, err := transformer.Load(dir); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: error %v, want an error that names the folder", dir, err)
		}
	}
}
