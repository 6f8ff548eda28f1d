package lineage

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/bounded"
	"github.com/undertone-audit/undertone/tensor/safetensors"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
)

// maxConfig bounds a config.json or adapter_config.json, in bytes.
const maxConfig = 1 << 20

// Open returns the subject of a folder: the weights of a model (config.json, *.safetensors,
// tokenizer.json), which are read one tensor at a time when they are compared, or an adapter alone
// (adapter_config.json). It has no Model, so its answers are not compared. The caller calls closed
// at the end.
func Open(dir string) (s Subject, closed func() error, err error) {
	s.Name = filepath.Base(filepath.Clean(dir))
	closed = func() error { return nil }
	config, err := readConfig(filepath.Join(dir, "config.json"))
	if errors.Is(err, fs.ErrNotExist) {
		s.Adapter, err = openAdapter(dir)
		if _, statErr := os.Stat(dir); statErr != nil {
			err = statErr
		} else if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s has neither config.json nor adapter_config.json: name the folder of a model in Hugging Face's format, or of an adapter", dir)
		}
		return s, closed, wrap(err)
	}
	if err != nil {
		return s, closed, wrap(err)
	}
	declared, err := readConfig(filepath.Join(dir, "undertone-model.json"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, closed, wrap(err)
	}
	s.Lineage = declared.Lineage
	f, err := safetensors.Open(dir)
	if err != nil {
		return s, closed, wrap(err)
	}
	s.Weights = &Weights{Tensors: f, HeadDim: config.headDim()}
	if strings.HasPrefix(config.Type, "gemma") {
		s.Weights.NormOffset = 1
	}
	tok, err := tokenizer.Load(dir)
	if err == nil {
		s.Weights.Tokens = spellings(tok)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return s, closed, wrap(errors.Join(err, f.Close()))
	}
	return s, f.Close, nil
}

func wrap(err error) error {
	if err != nil {
		return fmt.Errorf("lineage: %w", err)
	}
	return nil
}

// configFile has the fields of config.json, adapter_config.json and undertone-model.json that
// matter here.
type configFile struct {
	Type    string           `json:"model_type"`
	Base    string           `json:"base_model_name_or_path"`
	Lineage undertone.Digest `json:"lineage"`

	Dim       int `json:"hidden_size"`
	Heads     int `json:"num_attention_heads"`
	HeadDim   int `json:"head_dim"`
	DimGPT2   int `json:"n_embd"`
	HeadsGPT2 int `json:"n_head"`
}

// headDim returns the elements of an attention head, or 0.
func (c configFile) headDim() int {
	dim, heads := cmp.Or(c.Dim, c.DimGPT2), cmp.Or(c.Heads, c.HeadsGPT2)
	if c.HeadDim > 0 || heads <= 0 {
		return max(0, c.HeadDim)
	}
	return max(0, dim/heads)
}

func readConfig(path string) (c configFile, err error) {
	text, err := bounded.ReadFile(path, maxConfig)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// openAdapter reads what an adapter declares of its base: a name, and a digest if this library
// wrote the adapter.
func openAdapter(dir string) (*AdapterBase, error) {
	config, err := readConfig(filepath.Join(dir, "adapter_config.json"))
	if err != nil {
		return nil, err
	}
	base := &AdapterBase{Name: config.Base}
	f, err := safetensors.Open(filepath.Join(dir, "adapter_model.safetensors"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if text := f.Metadata()["undertone_base"]; text != "" {
		if err := base.Digest.UnmarshalText([]byte(text)); err != nil {
			return nil, fmt.Errorf("%s: the digest of the base: %w", dir, err)
		}
	}
	return base, nil
}
