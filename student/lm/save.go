package lm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// tokenizerFiles are the files that belong to a vocabulary.
var tokenizerFiles = []string{"tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "chat_template.json", "*.tiktoken", "tok*.bin"}

// moreTemplates is the folder of a model's further chat templates.
const moreTemplates = "additional_chat_templates"

// Save writes a folder in the format of Hugging Face: config.json, model.safetensors, the files of
// the tokenizer, and undertone-model.json for what these cannot hold. [Load] reads it back with the
// same digest. Save creates the folder if needed. A model with LoRA is an error: see [Model.Merge]
// and [Model.SaveAdapter].
func (m *Model) Save(dir string) error {
	err := m.save(dir)
	if err != nil {
		return fmt.Errorf("lm: save %s: %w", dir, err)
	}
	return nil
}

func (m *Model) save(dir string) error {
	switch {
	case m.base != nil:
		return errors.New("the model has LoRA: merge it first, or save its adapter")
	case m.unknown != nil:
		return m.unknown
	case m.source == "":
		return errors.New("the files of the tokenizer are unknown: set Options.Tokenizer")
	}
	settings, err := json.MarshalIndent(saved{m.settings, m.Lineage()}, "", "  ")
	if err != nil {
		return err
	}
	if err := saveNet(m.net, dir); err != nil {
		return err
	}
	if err := m.copyTokenizer(dir); err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(dir, settingsName), append(settings, '\n'))
}

// saveNet writes config.json and model.safetensors.
func saveNet(net *transformer.Model, dir string) error {
	config, err := net.HFConfig()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(dir, "model.safetensors"), net.WriteSafetensors); err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(dir, "config.json"), config)
}

// copyTokenizer writes the tokenizer's files and checks that they are those of the model.
func (m *Model) copyTokenizer(dir string) error {
	files := m.files
	if files == nil {
		var err error
		if files, err = readTokenizer(m.source); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			return err
		}
		if err := atomicfile.WriteFile(filepath.Join(dir, name), text); err != nil {
			return err
		}
	}
	again, err := tokenizer.Load(dir)
	if err != nil {
		return err
	}
	if again.Fingerprint() != m.tok.Fingerprint() {
		return fmt.Errorf("the tokenizer in %s has changed since it was read", m.source)
	}
	return nil
}

// readTokenizer reads the files of a tokenizer, by name, from a file or a folder.
func readTokenizer(source string) (map[string][]byte, error) {
	names := []string{source}
	if info, err := os.Stat(source); err != nil {
		return nil, err
	} else if info.IsDir() {
		names = nil
		for _, pattern := range tokenizerFiles {
			found, err := fsGlob(source, pattern)
			if err != nil {
				return nil, err
			}
			names = append(names, found...)
		}
		more, err := fsGlob(filepath.Join(source, moreTemplates), "*.jinja")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		names = append(names, more...)
	}
	files := map[string][]byte{}
	for _, name := range names {
		text, err := readFile(name)
		if err != nil {
			return nil, err
		}
		short := filepath.Base(name)
		if filepath.Base(filepath.Dir(name)) == moreTemplates {
			short = filepath.Join(moreTemplates, short)
		}
		files[short] = text
	}
	return files, nil
}

// fsGlob is [filepath.Glob] in a folder whose own name is not a pattern.
func fsGlob(dir, pattern string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, e := range entries {
		if ok, err := filepath.Match(pattern, e.Name()); err != nil {
			return nil, err
		} else if ok {
			found = append(found, filepath.Join(dir, e.Name()))
		}
	}
	return found, nil
}
