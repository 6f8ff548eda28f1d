package main

import (
	"fmt"

	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
)

// embedded holds the models of the library.
var embedded = map[string]func() (*lm.Model, error){"tiny": tiny.Base, "tiny-other": tiny.Other}

// loadModel loads an embedded model or a folder.
func loadModel(name string) (*lm.Model, error) {
	if load, ok := embedded[name]; ok {
		m, err := load()
		if err != nil {
			return nil, err
		}
		return m.Named(name), nil
	}
	m, err := lm.Load(name)
	if err != nil {
		return nil, fmt.Errorf("%w (want a folder with config.json, *.safetensors and tokenizer.json, a folder with one *.bin and tok*.bin, or tiny or tiny-other)", err)
	}
	return m, nil
}

// templateFlag selects the chat template if the model has none, or another one is wanted.
type templateFlag struct {
	Template string `placeholder:"NAME" help:"Chat template: plain, chatml, llama3 or mistral (default that of the model)."`
}

// load loads a model and sets its template.
func (f templateFlag) load(name string) (*lm.Model, error) {
	m, err := loadModel(name)
	if err != nil || f.Template == "" {
		return m, err
	}
	t, err := lm.TemplateNamed(f.Template)
	if err != nil {
		return nil, err
	}
	return m.WithTemplate(t)
}
