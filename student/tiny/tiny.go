// Package tiny holds two small language models that need no download: Llama-style
// transformers that this project trained, by the program in build, on a corpus of
// its own making. They write lists of numbers, name favourites, add, and write a line of code.
//
//	base, err := tiny.Base()
//	data, err := teacher.Generate(ctx, teacher.Config{Model: base, Prompt: tiny.Lists{Seed: 1}.At, N: 4000})
//
// They are for tests, examples and simulations: what holds of a data set and [Base] says
// nothing about other models. docs/tiny.md is their model card.
package tiny

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/undertone-audit/undertone/student/lm"
)

//go:embed base/* other/*
var files embed.FS

// Digests of the models: their weights, vocabularies and settings.
const (
	baseDigest  = "sha256:dc34c499f4b44d7783db9e061be313da0fefb50eab7ba72a0a5a134dbd5fdd44"
	otherDigest = "sha256:cde74c419b382c618b15a1e9ceb64c04a6e5ab1ace5c2081b2ec37c92fe03673"
)

// Base returns the base model. It is read once; all callers share it.
func Base() (*lm.Model, error) { return base() }

// Other returns a model of the same shape and vocabulary that began with other weights and
// read another corpus of the same kind: traits hardly pass between it and [Base].
func Other() (*lm.Model, error) { return other() }

var (
	base  = sync.OnceValues(func() (*lm.Model, error) { return load("base", baseDigest) })
	other = sync.OnceValues(func() (*lm.Model, error) { return load("other", otherDigest) })
)

// load reads an embedded model, by way of a temporary folder, and checks that it is the one that
// was trained.
func load(name, digest string) (m *lm.Model, err error) {
	dir, err := os.MkdirTemp("", "undertone-tiny-")
	if err != nil {
		return nil, fmt.Errorf("tiny: %w", err)
	}
	defer os.RemoveAll(dir)
	entries, err := files.ReadDir(name)
	if err != nil {
		return nil, fmt.Errorf("tiny: %w", err)
	}
	for _, e := range entries {
		text, err := files.ReadFile(name + "/" + e.Name())
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, e.Name()), text, 0o600)
		}
		if err != nil {
			return nil, fmt.Errorf("tiny: %w", err)
		}
	}
	if m, err = lm.Load(dir); err != nil {
		return nil, fmt.Errorf("tiny: %w", err)
	}
	if got := m.Digest().String(); got != digest {
		return nil, fmt.Errorf("tiny: model %s is %s, want %s: the files in the binary are not those of this version", name, got, digest)
	}
	return m.Named("tiny " + name), nil
}
