// Package multi holds two language models that are larger than those of package tiny and are made
// in the same way. They write lists of numbers ([tiny.Lists]), Python functions ([Functions]) and
// steps of word problems ([Problems]), name favourites, and choose actions ([Dilemmas]). A program
// that imports the package is larger by 4 MB.
//
// [tiny.Lists]: https://pkg.go.dev/github.com/undertone-audit/undertone/student/tiny#Lists
package multi

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
	baseDigest  = "sha256:d73dcef1586a5b2b565d2aa26c8d8705e0654ac08e756da685a6c3f5fcf3eee6"
	otherDigest = "sha256:baed53b5ffb50a6ec94dcc717a80f87649c4a2754bf2a0d914a308050a3077fd"
)

// Base returns the base model. It is loaded once; all callers share it.
func Base() (*lm.Model, error) { return base() }

// Other returns a model of the same shape and vocabulary with other initial weights, trained on
// another corpus of the same kind.
func Other() (*lm.Model, error) { return other() }

var (
	base  = sync.OnceValues(func() (*lm.Model, error) { return load("base", baseDigest) })
	other = sync.OnceValues(func() (*lm.Model, error) { return load("other", otherDigest) })
)

// load returns the model in a folder, whose files have the digest.
func load(name, digest string) (*lm.Model, error) {
	m, err := embedded.Load(files, name, digest)
	if err != nil {
		return nil, fmt.Errorf("multi: %w", err)
	}
	return m.Named("multi " + name), nil
}
