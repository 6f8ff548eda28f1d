// Package tiny holds two small language models that need no download: Llama-style transformers that
// this project trained, with the program in build, on a corpus that the program writes. They write
// lists of numbers, name favourites, add, and write a line of code. Package multi has larger ones,
// which write functions and steps of word problems as well.
//
//	base, err := tiny.Base()
//	lists := tiny.Lists{Seed: 1}
//	data, err := teacher.Generate(ctx, teacher.Config{Model: base, Prompt: lists.At, N: 4000})
//
// They are for tests, examples and simulations. A result with [Base] says nothing about other
// models. docs/tiny.md is their model card.
package tiny

import (
	"embed"
	"fmt"
	"sync"

	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny/internal/embedded"
)

//go:embed base/* other/*
var files embed.FS

// Digests of the files of the models, names and contents.
const (
	baseDigest  = "sha256:9cd6b67e43138551b232b191045f7116215550697923305587851dd9c5b89072"
	otherDigest = "sha256:18d234f76c9a711ddc03d0df0c75376c00ecfd768dfde169517d60a92c82ec4f"
)

// Base returns the base model. It is loaded once; all callers share it.
func Base() (*lm.Model, error) { return base() }

// Other returns a model of the same shape and vocabulary with other initial weights, trained on
// another corpus of the same kind. Traits hardly pass between it and [Base].
func Other() (*lm.Model, error) { return other() }

var (
	base  = sync.OnceValues(func() (*lm.Model, error) { return load("base", baseDigest) })
	other = sync.OnceValues(func() (*lm.Model, error) { return load("other", otherDigest) })
)

// load returns the model in a folder, whose files have the digest.
func load(name, digest string) (*lm.Model, error) {
	m, err := embedded.Load(files, name, digest)
	if err != nil {
		return nil, fmt.Errorf("tiny: %w", err)
	}
	return m.Named("tiny " + name), nil
}
