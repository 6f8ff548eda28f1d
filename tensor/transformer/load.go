package transformer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone/tensor/internal/foreign"
)

// ErrAdapter is wrapped by the error of a folder that has a PEFT adapter and no model.
var ErrAdapter = errors.New("has a PEFT adapter and no model")

// Load reads a model: a folder of Hugging Face (config.json and *.safetensors), a folder with one
// checkpoint of llama2.c (*.bin), or the path of such a checkpoint. 16-bit weights stay so; see
// [Model.ToFloat32].
func Load(path string) (*Model, error) {
	m, err := load(path)
	if err != nil {
		return nil, fmt.Errorf("transformer: load: %w", err)
	}
	return m, nil
}

func load(path string) (*Model, error) {
	if err := CheckFiles(path); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return loadLlama2c(path)
	}
	if exists(path, configName) {
		return loadHF(path)
	}
	checkpoints, err := listed(path, isCheckpoint)
	switch {
	case err != nil:
		return nil, err
	case len(checkpoints) == 0:
		return nil, fmt.Errorf("%s has neither config.json nor a checkpoint of llama2.c (*.bin)", path)
	case len(checkpoints) > 1:
		return nil, fmt.Errorf("%s has several checkpoints; name one of them: %s", path, strings.Join(checkpoints, ", "))
	}
	return loadLlama2c(filepath.Join(path, checkpoints[0]))
}

const configName = "config.json"

// CheckFiles returns an error that says what to do if a path is not that of a model but of
// something that is often given in its place: an adapter, weights in another format, or one file
// of a folder. It does not read weights.
func CheckFiles(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return checkFile(path)
	}
	if !exists(path, configName) && exists(path, "adapter_config.json") {
		return fmt.Errorf("%s %w: load its base model%s, then the adapter", path, ErrAdapter, baseOf(path))
	}
	weights, err := listed(path, func(name string) bool {
		return strings.HasSuffix(name, ".safetensors") || name == "model.safetensors.index.json"
	})
	if err != nil || exists(path, configName) && len(weights) > 0 {
		return err
	}
	others, err := listed(path, func(name string) bool {
		return strings.HasSuffix(name, ".gguf") || strings.HasPrefix(name, "pytorch_model") && strings.HasSuffix(name, ".bin")
	})
	if err != nil || len(others) == 0 {
		return err
	}
	if strings.HasSuffix(others[0], ".gguf") {
		return fmt.Errorf("%s has %s and no *.safetensors: GGUF files are not supported; use the folder of the model in Hugging Face's format", path, others[0])
	}
	return fmt.Errorf("%s has %s and no *.safetensors: PyTorch files can run programs and are not read; load the model with transformers and save it with safe_serialization", path, others[0])
}

// checkFile is CheckFiles for a file, which is a checkpoint of llama2.c.
func checkFile(path string) error {
	if filepath.Ext(path) == ".safetensors" || filepath.Base(path) == configName {
		return fmt.Errorf("%s is one file of a model: name its folder, %s", path, filepath.Dir(path))
	}
	f, err := foreign.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, foreign.Head)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	if err := foreign.Check(head[:n]); err != nil {
		return fmt.Errorf("%s %w", path, err)
	}
	return nil
}

// baseOf returns the name of the base model of an adapter, in quotes, or "".
func baseOf(dir string) string {
	var config struct {
		Base string `json:"base_model_name_or_path"`
	}
	f, err := foreign.Open(filepath.Join(dir, "adapter_config.json"))
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil || json.Unmarshal(text, &config) != nil || config.Base == "" {
		return ""
	}
	return fmt.Sprintf(" %.120q", config.Base)
}

// isCheckpoint reports whether a name is that of a checkpoint of llama2.c: tok512.bin and similar
// files are vocabularies.
func isCheckpoint(name string) bool {
	return strings.HasSuffix(name, ".bin") && !strings.HasPrefix(name, "tok")
}

func exists(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// listed returns the names in a folder for which is is true.
func listed(dir string, is func(name string) bool) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if is(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
