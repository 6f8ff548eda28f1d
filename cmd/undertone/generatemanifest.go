package main

import (
	"context"
	"crypto/sha256"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/provenance"
)

// save writes the generated rows, and then their manifest.
func (v *generateVerb) save(ctx context.Context, c console, data *undertone.Dataset, m generator, set promptSet, temperature float64, described bool) error {
	if !described {
		return jsonl.Save(ctx, v.Out, data)
	}
	bytes := newHashing()
	if err := jsonl.Save(ctx, v.Out, data, jsonl.Tee(bytes)); err != nil {
		return err
	}
	w := completed{path: v.Out, content: rowsOf(data, bytes, ""), made: provenance.Made{
		By: "generate", Generation: v.generation(data, temperature),
	}}
	source, err := v.modelSource(ctx, c, v.Out, m, v.Model, v.Adapter, provenance.GeneratorRole)
	if err != nil {
		return err
	}
	source.Rows = data.Len()
	w.sources = append(w.sources, source)
	if set.origin != nil {
		prompts, err := set.origin.source(c, v.Out, provenance.PromptsRole, set.read, 0)
		if err != nil {
			return err
		}
		w.sources = append(w.sources, prompts)
	}
	return w.save()
}

// generation says how the model was asked.
func (v *generateVerb) generation(data *undertone.Dataset, temperature float64) *provenance.Generation {
	g := &provenance.Generation{Prompts: v.Prompts, Temperature: temperature, MaxTokens: or(v.MaxTokens, 0), Seed: v.Seed}
	if v.System != "" {
		g.SystemPrompt = sha256.Sum256([]byte(v.System))
	}
	g.PromptSet = promptSetOf(data)
	return g
}

// promptSetOf returns the Merkle root of the prompt group IDs of rows.
func promptSetOf(data *undertone.Dataset) undertone.Digest {
	var prompts provenance.Tree
	for i := range data.Len() {
		prompts.Add(data.GroupID(i))
	}
	return prompts.Root()
}
