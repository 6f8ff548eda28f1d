package transformer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

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
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return loadLlama2c(path)
	}
	if _, err := os.Stat(filepath.Join(path, "config.json")); err == nil {
		return loadHF(path)
	}
	var checkpoints []string
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		// tok512.bin and similar files are vocabularies
		if name := e.Name(); strings.HasSuffix(name, ".bin") && !strings.HasPrefix(name, "tok") {
			checkpoints = append(checkpoints, filepath.Join(path, name))
		}
	}
	switch len(checkpoints) {
	case 0:
		return nil, fmt.Errorf("%s has neither config.json nor a checkpoint of llama2.c (*.bin)", path)
	case 1:
		return loadLlama2c(checkpoints[0])
	}
	return nil, fmt.Errorf("%s has several checkpoints; name one of them: %s", path, strings.Join(checkpoints, ", "))
}
