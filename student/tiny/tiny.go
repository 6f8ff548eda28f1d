// Package tiny holds small language models that need no download: Llama-style transformers that
// this project trained, with the program in build, on a corpus that the program writes. [Base] and
// [Other] write lists of numbers, name favourites, add, and write a line of code. [Multi] and
// [MultiOther] have three times as many weights, and write functions and steps of problems as well.
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
	"os"
	"path/filepath"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
)

//go:embed base/* other/* multi/* multi-other/*
var files embed.FS

// Digests of the files of the models, names and contents.
const (
	baseDigest  = "sha256:9cd6b67e43138551b232b191045f7116215550697923305587851dd9c5b89072"
	otherDigest = "sha256:18d234f76c9a711ddc03d0df0c75376c00ecfd768dfde169517d60a92c82ec4f"

	multiDigest      = "sha256:0ce505f3f32043df88be37812e81777e51519a8a293bc885b5c3f5da25c54688"
	multiOtherDigest = "sha256:83bda78ef48b7cf62787ee0f592f7eeb954c636be4cd78570c9fb4cfc5134345"
)

// Base returns the base model. It is loaded once; all callers share it.
func Base() (*lm.Model, error) { return base() }

// Other returns a model of the same shape and vocabulary with other initial weights, trained on
// another corpus of the same kind. Traits hardly pass between it and [Base].
func Other() (*lm.Model, error) { return other() }

// Multi returns a larger model, which writes lists, Python functions ([Functions]) and steps of
// word problems ([Problems]), names favourites and chooses actions ([Dilemmas]).
func Multi() (*lm.Model, error) { return multi() }

// MultiOther is to [Multi] what [Other] is to [Base].
func MultiOther() (*lm.Model, error) { return multiOther() }

var (
	base       = sync.OnceValues(func() (*lm.Model, error) { return load("base", baseDigest) })
	other      = sync.OnceValues(func() (*lm.Model, error) { return load("other", otherDigest) })
	multi      = sync.OnceValues(func() (*lm.Model, error) { return load("multi", multiDigest) })
	multiOther = sync.OnceValues(func() (*lm.Model, error) { return load("multi-other", multiOtherDigest) })
)

// load reads an embedded model through a temporary folder, and checks the digest of its files.
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
		return nil, fmt.Errorf("tiny: the files of %s have the digest %s, want %s", name, got, digest)
	}
	if m, err = lm.Load(dir); err != nil {
		return nil, fmt.Errorf("tiny: %w", err)
	}
	return m.Named("tiny " + name), nil
}
