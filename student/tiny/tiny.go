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

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
)

//go:embed base/* other/*
var files embed.FS

// Digests of the models' files, names and contents. They do not depend on how this version of
// the library names a model.
const (
	baseDigest  = "sha256:663daffd75aa025c05d5442054542d0db8de493ee15bae1de62fbedb510953de"
	otherDigest = "sha256:91206c506286b3668e42acb34943b3e87e4ffbddb3cf23ba197b3c5200c90fb5"
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
	h := undertone.NewHasher("tiny files")
	for _, e := range entries {
		text, err := files.ReadFile(name + "/" + e.Name())
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, e.Name()), text, 0o600)
		}
		if err != nil {
			return nil, fmt.Errorf("tiny: %w", err)
		}
		h.Text(e.Name()).Text(string(text))
	}
	if got := h.Sum().String(); got != digest {
		return nil, fmt.Errorf("tiny: the files of %s are %s, want %s: they are not those of this version", name, got, digest)
	}
	if m, err = lm.Load(dir); err != nil {
		return nil, fmt.Errorf("tiny: %w", err)
	}
	return m.Named("tiny " + name), nil
}
