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

// writtenPEFT is the adapter_config.json that is written.
type writtenPEFT struct {
	Type    string             `json:"peft_type"`
	Task    string             `json:"task_type"`
	Base    string             `json:"base_model_name_or_path"`
	Rank    int                `json:"r"`
	Alpha   float64            `json:"lora_alpha"`
	Targets []string           `json:"target_modules"`
	Bias    string             `json:"bias"`
	Dropout float64            `json:"lora_dropout"`
	FanIn   bool               `json:"fan_in_fan_out"`
	Infer   bool               `json:"inference_mode"`
	DoRA    bool               `json:"use_dora"`
	RSLoRA  bool               `json:"use_rslora"`
	Modules []string           `json:"modules_to_save"`
	Ranks   map[string]int     `json:"rank_pattern"`
	Alphas  map[string]float64 `json:"alpha_pattern"`
}

// SaveAdapter writes the LoRA of m to a folder in the format of Hugging Face's PEFT:
// adapter_config.json and adapter_model.safetensors. It does not write the other weights. A model
// whose base has weights of an adapter (see [Model.WithAdapter]) is an error.
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
	case m.base.replaced:
		return errors.New("the adapter that the model was loaded from also replaced whole weights: merge it, and save the model")
	}
	adapters, err := m.net.Adapters()
	if err != nil {
		return err
	}
	var all []safetensors.Tensor
	for _, a := range adapters {
		in, out := len(a.A)/a.Rank, len(a.B)/a.Rank
		all = append(all,
			safetensors.Tensor{Name: adapterPrefix + a.Layer + ".lora_A.weight", DType: safetensors.F32, Shape: []int{a.Rank, in}, Float32s: a.A},
			safetensors.Tensor{Name: adapterPrefix + a.Layer + ".lora_B.weight", DType: safetensors.F32, Shape: []int{out, a.Rank}, Float32s: a.B})
	}
	config, err := json.MarshalIndent(m.peft(adapters), "", "  ")
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

// peft returns the description of adapters. The last names of the layers are enough if all layers
// of these names have LoRA.
func (m *Model) peft(adapters []transformer.Adapter) writtenPEFT {
	p := writtenPEFT{
		Type: "LORA", Task: "CAUSAL_LM", Base: m.base.name, Rank: m.lora.Rank, Alpha: m.lora.Alpha,
		Bias: "none", Infer: true, Ranks: map[string]int{}, Alphas: map[string]float64{},
	}
	if p.Rank == 0 { // the layers differ
		p.Rank, p.Alpha = adapters[0].Rank, adapters[0].Scale*float64(adapters[0].Rank)
		for _, a := range adapters {
			p.Ranks[a.Layer], p.Alphas[a.Layer] = a.Rank, a.Scale*float64(a.Rank)
		}
	}
	var layers []string
	for _, a := range adapters {
		layers = append(layers, a.Layer)
		if last := lastName(a.Layer); !slices.Contains(p.Targets, last) {
			p.Targets = append(p.Targets, last)
		}
	}
	for _, layer := range m.net.AdapterLayers() {
		if slices.Contains(p.Targets, lastName(layer)) && !slices.Contains(layers, layer) {
			p.Targets = layers
			break
		}
	}
	slices.Sort(p.Targets)
	return p
}

func lastName(layer string) string { return layer[strings.LastIndexByte(layer, '.')+1:] }
