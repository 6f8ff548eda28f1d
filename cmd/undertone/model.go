package main

import (
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// embedded are the models that need no folder.
var embedded = map[string]func() (*lm.Model, error){"tiny": tiny.Base, "tiny-other": tiny.Other}

// loadModel reads a model: one that is embedded, or a folder.
func loadModel(name string) (*lm.Model, error) {
	if load, ok := embedded[name]; ok {
		m, err := load()
		if err != nil {
			return nil, err
		}
		return m.Named(name), nil
	}
	m, err := lm.Load(name)
	if errors.Is(err, transformer.ErrAdapter) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w (want a folder with config.json, *.safetensors and tokenizer.json, or with one *.bin and tok*.bin; or tiny, tiny-other)", err)
	}
	return m, nil
}

// templateFlag is how chats become text, where the model does not say so or another way is wanted.
type templateFlag struct {
	Template string `placeholder:"NAME" help:"Chat template: plain, chatml, llama3 or mistral (default that of the model)."`

	adapterFlag
}

// load reads a model with its adapter and gives it the template.
func (f templateFlag) load(name string) (*lm.Model, error) {
	m, err := f.adapterFlag.load(name)
	if err != nil || f.Template == "" {
		return m, err
	}
	t, err := lm.TemplateNamed(f.Template)
	if err != nil {
		return nil, err
	}
	return m.WithTemplate(t)
}
