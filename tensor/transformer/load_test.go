package transformer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckFiles: what is given in the place of a model is named, with what to do.
func TestCheckFiles(t *testing.T) {
	const config = `{"model_type": "llama", "vocab_size": 5, "max_position_embeddings": 8, "hidden_size": 4, "intermediate_size": 6, "num_hidden_layers": 1, "num_attention_heads": 2}`
	for _, c := range []struct {
		reason string
		files  map[string]string
		path   string // in the folder
		want   []string
	}{
		{"a PyTorch model", map[string]string{"config.json": config, "pytorch_model.bin": "PK\x03\x04"}, "", []string{"has pytorch_model.bin and no *.safetensors", "safe_serialization"}},
		{"a PyTorch model in parts", map[string]string{"config.json": config, "pytorch_model-00001-of-00002.bin": "PK\x03\x04"}, "", []string{"has pytorch_model-00001-of-00002.bin and no"}},
		{"a PyTorch model without config", map[string]string{"pytorch_model.bin": "PK\x03\x04"}, "", []string{"has pytorch_model.bin and no"}},
		{"a folder of GGUF", map[string]string{"q4.gguf": "GGUF\x03", "config.json": config}, "", []string{"has q4.gguf and no *.safetensors", "GGUF files are not supported"}},
		{"a GGUF file", map[string]string{"q4.gguf": "GGUF\x03"}, "q4.gguf", []string{"q4.gguf is a GGUF file", "Hugging Face's format"}},
		{"a PyTorch file", map[string]string{"model.pt": "PK\x03\x04...."}, "model.pt", []string{"model.pt is a PyTorch file"}},
		{"a Git LFS pointer", map[string]string{"m.bin": "version https://git-lfs.github.com/spec/v1\n"}, "m.bin", []string{"m.bin is a Git LFS pointer: run git lfs pull"}},
		{"weights alone", map[string]string{"model.safetensors": "", "config.json": config}, "model.safetensors", []string{"is one file of a model: name its folder"}},
		{"a config alone", map[string]string{"config.json": config}, "config.json", []string{"is one file of a model: name its folder"}},
		{"an adapter", map[string]string{"adapter_config.json": `{"base_model_name_or_path": "org/base"}`}, "", []string{`has a PEFT adapter and no model: load its base model "org/base", then the adapter`}},
		{"an adapter without a base", map[string]string{"adapter_config.json": `{`}, "", []string{"load its base model, then the adapter"}},
		{"weights are a pointer", map[string]string{"config.json": config, "model.safetensors": "version https://git-lfs.github.com/spec/v1\noid sha256:00\n"}, "", []string{"model.safetensors: is a Git LFS pointer: run git lfs pull"}},
		{"an empty checkpoint", map[string]string{"m.bin": ""}, "", []string{"llama2.c header"}},
		{"nothing", map[string]string{"readme": ""}, "", []string{"neither config.json nor a checkpoint"}},
	} {
		dir := t.TempDir()
		for name, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Load(filepath.Join(dir, c.path))
		for _, want := range append(c.want, dir) {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want one with %q", c.reason, err, want)
			}
		}
		if adapter := strings.HasPrefix(c.reason, "an adapter"); errors.Is(err, ErrAdapter) != adapter {
			t.Errorf("%s: the error is ErrAdapter: %v", c.reason, !adapter)
		}
	}
}
