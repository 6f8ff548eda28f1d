package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// adapterFlag is an adapter for a model.
type adapterFlag struct {
	Adapter string `file:"read" placeholder:"DIR" help:"Adapter for the model: a folder of Hugging Face's PEFT with adapter_config.json and adapter_model.safetensors. A verb that trains adds it to the weights first."`
}

// load reads a model and its adapter.
func (f adapterFlag) load(name string) (*lm.Model, error) {
	if _, err := os.Stat(filepath.Join(name, "adapter_config.json")); err == nil && f.Adapter == "" {
		if _, err := os.Stat(filepath.Join(name, "config.json")); err == nil {
			return nil, fmt.Errorf("%[1]s has a model and a PEFT adapter: add --adapter %[1]s to use both, or remove adapter_config.json", name)
		}
	}
	m, err := loadModel(name)
	if errors.Is(err, transformer.ErrAdapter) {
		return nil, fmt.Errorf("%w: name the folder of the base model, and add --adapter %s", err, name)
	}
	if err != nil || f.Adapter == "" {
		return m, err
	}
	adapted, err := m.WithAdapter(f.Adapter)
	if err != nil {
		return nil, err
	}
	return adapted.Named(fmt.Sprintf("%s with adapter %s", m.Name(), filepath.Base(f.Adapter))), nil
}
