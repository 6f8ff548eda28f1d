package lm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/tensor/safetensors"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// Names of the files of Hugging Face's PEFT, and the prefix of layer names in them.
const (
	adapterConfig  = "adapter_config.json"
	adapterWeights = "adapter_model.safetensors"
	adapterPrefix  = "base_model.model."
)

// peft is the content of adapter_config.json.
type peft struct {
	Type    string   `json:"peft_type"`
	Task    string   `json:"task_type"`
	Base    string   `json:"base_model_name_or_path"`
	Rank    int      `json:"r"`
	Alpha   float64  `json:"lora_alpha"`
	Targets []string `json:"target_modules"`
	Bias    string   `json:"bias"`
	Dropout float64  `json:"lora_dropout"`
	FanIn   bool     `json:"fan_in_fan_out"`
	Infer   bool     `json:"inference_mode"`

	// Fields that are not supported: each of them changes the meaning of the matrices.
	DoRA    bool            `json:"use_dora"`
	RSLoRA  bool            `json:"use_rslora"`
	Modules []string        `json:"modules_to_save"`
	Layers  json.RawMessage `json:"layers_to_transform,omitempty"`
	Ranks   map[string]any  `json:"rank_pattern"`
	Alphas  map[string]any  `json:"alpha_pattern"`
}

// SaveAdapter writes the LoRA of m to a folder in the format of Hugging Face's PEFT:
// adapter_config.json and adapter_model.safetensors. It does not write the other weights.
func (m *Model) SaveAdapter(dir string) error {
	if err := m.saveAdapter(dir); err != nil {
		return fmt.Errorf("lm: save adapter %s: %w", dir, err)
	}
	return nil
}

func (m *Model) saveAdapter(dir string) error {
	switch {
	case m.base == nil:
		return errors.New("the model has no LoRA")
	case m.net.Config().Architecture != transformer.Llama:
		return fmt.Errorf("PEFT adapters of architecture %s are not supported; Llama is", m.net.Config().Architecture)
	}
	all := m.net.AdapterTensors()
	var targets []string
	for i, t := range all {
		layer := strings.TrimSuffix(strings.TrimSuffix(t.Name, ".lora_A.weight"), ".lora_B.weight")
		if last := layer[strings.LastIndexByte(layer, '.')+1:]; !slices.Contains(targets, last) {
			targets = append(targets, last)
		}
		all[i].Name = adapterPrefix + t.Name
	}
	slices.Sort(targets)
	config, err := json.MarshalIndent(peft{
		Type: "LORA", Task: "CAUSAL_LM", Base: m.base.name, Rank: m.lora.Rank, Alpha: m.lora.Alpha, Targets: targets,
		Bias: "none", Infer: true, Ranks: map[string]any{}, Alphas: map[string]any{},
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	about := map[string]string{"format": "pt", "undertone_base": m.weights().String()}
	err = atomicfile.Write(filepath.Join(dir, adapterWeights), func(w io.Writer) error {
		return safetensors.Write(w, all, about)
	})
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(dir, adapterConfig), append(config, '\n'))
}

// WithAdapter returns m with the LoRA of a PEFT folder. An adapter that [Model.SaveAdapter] wrote
// is an error if it was trained with another base than m.
func (m *Model) WithAdapter(dir string) (*Model, error) {
	adapted, err := m.withAdapter(dir)
	if err != nil {
		return nil, fmt.Errorf("lm: adapter %s: %w", dir, err)
	}
	return adapted, nil
}

func (m *Model) withAdapter(dir string) (*Model, error) {
	var config peft
	if ok, err := readJSON(filepath.Join(dir, adapterConfig), false, &config); err != nil || !ok {
		return nil, errors.Join(err, errors.New(adapterConfig+" is missing or cannot be read"))
	}
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", adapterConfig, err)
	}
	f, err := safetensors.Open(filepath.Join(dir, adapterWeights))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if base := f.Metadata()["undertone_base"]; base != "" && base != m.weights().String() {
		return nil, fmt.Errorf("it was trained with another base: %s, not %s", base, m.weights())
	}
	adapted, err := m.WithLoRA(LoRA{Rank: config.Rank, Alpha: config.Alpha, Targets: config.Targets})
	if err != nil {
		return nil, err
	}
	var all []safetensors.Tensor
	for _, name := range f.Names() {
		info, _ := f.Info(name)
		// Files of other software may hold 16-bit numbers.
		x, err := f.Float32s(name)
		if err != nil {
			return nil, err
		}
		all = append(all, safetensors.Tensor{Name: strings.TrimPrefix(name, adapterPrefix), DType: safetensors.F32, Shape: info.Shape, Float32s: x})
	}
	if err := adapted.net.SetAdapters(all); err != nil {
		return nil, err
	}
	return adapted, nil
}

// check returns an error that names what is not supported.
func (p peft) check() error {
	switch {
	case p.Type != "LORA":
		return fmt.Errorf("peft_type is %.40q, want LORA", p.Type)
	case p.Bias != "" && p.Bias != "none", p.DoRA, p.RSLoRA, len(p.Modules) > 0, len(p.Ranks) > 0, len(p.Alphas) > 0,
		len(p.Layers) > 0 && string(p.Layers) != "null", p.FanIn:
		return errors.New("bias, use_dora, use_rslora, modules_to_save, patterns, layers_to_transform and fan_in_fan_out are not supported")
	case len(p.Targets) == 0:
		return errors.New("target_modules is empty")
	case p.Rank < 1:
		return fmt.Errorf("r is %d, want at least 1", p.Rank)
	}
	return nil
}
