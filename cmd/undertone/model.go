package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/student/tiny/multi"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// embedded holds the models of the library.
var embedded = map[string]func() (*lm.Model, error){
	"tiny": tiny.Base, "tiny-other": tiny.Other, "tiny-multi": multi.Base, "tiny-multi-other": multi.Other,
}

func embeddedNames() []string { return slices.Sorted(maps.Keys(embedded)) }

// loadModel loads an embedded model or a folder. Its errors name no flag.
func loadModel(name string) (*lm.Model, error) {
	if load, ok := embedded[name]; ok {
		m, err := load()
		if err != nil {
			return nil, err
		}
		return m.Named(name), nil
	}
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is neither a folder nor an embedded model (%s)", name, strings.Join(embeddedNames(), ", "))
	}
	m, err := lm.Load(name)
	if errors.Is(err, transformer.ErrAdapter) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w (want a folder with config.json, *.safetensors and tokenizer.json, a folder with one *.bin and tok*.bin, or an embedded model: %s)", err, strings.Join(embeddedNames(), ", "))
	}
	return m, nil
}

// templateFlag selects the chat template if the model has none, or another one is wanted.
type templateFlag struct {
	Template string `file:"read" placeholder:"NAME|FILE" help:"Chat template: plain, chatml, llama3, mistral, a file in Jinja, or the name of one of the model's templates (default that of the model)."`

	adapterFlag
}

// load loads the model that a flag names, with its adapter, and sets its template.
func (f templateFlag) load(flag, name string) (*lm.Model, error) {
	m, err := f.adapterFlag.load(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	if f.Template == "" {
		return m, nil
	}
	t, err := f.template(m)
	if err != nil {
		return nil, err
	}
	return m.WithTemplate(t)
}

// template returns a known template, one of the model's own, or one from a file.
func (f templateFlag) template(m *lm.Model) (lm.Template, error) {
	if t, err := lm.TemplateNamed(f.Template); err == nil {
		return t, nil
	}
	t, names, ok := m.OwnTemplate(f.Template)
	if ok {
		return t, nil
	}
	if _, err := os.Stat(f.Template); errors.Is(err, fs.ErrNotExist) {
		own := "the model has no templates of its own"
		if len(names) > 0 {
			own = "the model's templates are " + strings.Join(names, ", ")
		}
		return t, fmt.Errorf("--template %s is neither plain, chatml, llama3, mistral nor a file, and %s", f.Template, own)
	}
	return lm.ReadTemplate(f.Template)
}
