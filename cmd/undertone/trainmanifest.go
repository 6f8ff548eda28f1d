package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/student/lm"
)

// describe writes the manifest beside the folder of a trained model, or of an adapter. From is nil
// if no manifest is written.
func (v *trainVerb) describe(ctx context.Context, c console, from *origin, r trainReport, base, trained *lm.Model) error {
	if from == nil {
		return nil
	}
	out := filepath.Clean(v.Out)
	recipe, err := json.Marshal(r.Recipe)
	if err != nil {
		return err
	}
	w := completed{path: out, content: provenance.Content{Kind: provenance.ModelKind, Model: modelOf(trained)}, made: provenance.Made{
		By: "train", In: r.Rows, Training: &provenance.Training{Recipe: recipe, LoRA: r.LoRA, Engine: r.Engine},
	}}
	if v.AdapterOnly {
		w.content.Kind = provenance.AdapterKind
	}
	w.content.Model.Name = filepath.Base(out)
	if w.content.Bytes, w.content.Size, err = provenance.DigestFolder(ctx, os.DirFS(out), "."); err != nil {
		return err
	}
	data, err := from.source(c, out, provenance.TrainingRole, r.Rows, 0)
	if err != nil {
		return err
	}
	on, err := v.modelSource(ctx, c, out, base, v.Model, v.Adapter, provenance.BaseRole)
	if err != nil {
		return err
	}
	w.sources = []provenance.Source{data, on}
	return w.save()
}
