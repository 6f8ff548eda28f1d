package lineage

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// headers compares vocabularies, and names and shapes of tensors. Equal shapes say little: many
// models are copies of one architecture.
func (r *Result) headers(a, b Subject) {
	if a.Weights == nil || b.Weights == nil {
		return
	}
	common, names := len(commonTokens(a.Weights.Tokens, b.Weights.Tokens)), sameShapes(a.Weights, b.Weights)
	na, nb := len(a.Weights.Tensors.Names()), len(b.Weights.Tensors.Names())
	architecture := "the same architecture, which says little"
	if names < na || names < nb {
		architecture = "another architecture, or layers were added or removed"
	}
	vocabulary := fmt.Sprintf("%d tokens in common of %d and %d", common, len(a.Weights.Tokens), len(b.Weights.Tokens))
	if slices.Equal(a.Weights.Tokens, b.Weights.Tokens) {
		vocabulary = "the same vocabulary"
	}
	r.add(ByHeaders, Unknown, fmt.Sprintf("%s: %d tensors of %d and %d have the same name and shape; %s", architecture, names, na, nb, vocabulary), "")
}

// sameShapes counts the tensors with equal names and shapes.
func sameShapes(a, b *Weights) int {
	n := 0
	for _, name := range a.Tensors.Names() {
		if info, ok := b.Tensors.Info(name); ok && slices.Equal(shape(a.Tensors, name), info.Shape) {
			n++
		}
	}
	return n
}

// lastPart returns the last part of a name of a model, in lower case.
func lastPart(name string) string {
	return strings.ToLower(path.Base(strings.ReplaceAll(strings.TrimRight(name, `/\`), `\`, "/")))
}
