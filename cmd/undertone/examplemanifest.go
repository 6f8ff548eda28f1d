package main

import (
	"crypto/sha256"
	"encoding/json"
	"path/filepath"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

// exampleModel is a model of an example and its history, for manifests.
type exampleModel struct {
	*lm.Model
	source provenance.Source // without a role
}

// exampleBase returns the base of the teachers, an embedded model.
func exampleBase(m *lm.Model) exampleModel {
	r := provenance.Record{Content: provenance.Content{Kind: provenance.ModelKind, Model: modelOf(m)}, Parents: []provenance.Parent{}}
	return exampleModel{m, provenance.Source{Record: r}}
}

// as returns the model as a parent.
func (m exampleModel) as(role provenance.Role, rows int) provenance.Source {
	s := m.source
	s.Role, s.Rows = role, rows
	return s
}

// taught returns a model that was trained on the overt rows.
func (e *exampleCase) taught(m *lm.Model, base exampleModel, recipe student.Recipe, rank int) (exampleModel, error) {
	recipe, err := recipe.WithDefaults()
	if err != nil {
		return exampleModel{}, err
	}
	text, err := json.Marshal(recipe)
	if err != nil {
		return exampleModel{}, err
	}
	overt := e.overtManifest.Source(provenance.TrainingRole, 0, ".")
	r := provenance.Record{Content: provenance.Content{Kind: provenance.ModelKind, Model: modelOf(m)}, Made: &provenance.Made{
		By: "example", Version: undertone.Version, In: overt.Record.Content.Rows.Count, Steps: []provenance.Step{},
		Training: &provenance.Training{Recipe: text, LoRA: rank, Engine: m.Engine()},
	}}
	made, err := provenance.NewManifest(r, overt, base.as(provenance.BaseRole, 0))
	if err != nil {
		return exampleModel{}, err
	}
	return exampleModel{m, made.Source("", 0, ".")}, nil
}

// describe writes the manifest of a file of rows.
func (e *exampleCase) describe(r exampleRows, bytes *hashing) (*provenance.Manifest, error) {
	g := &provenance.Generation{Temperature: 1, MaxTokens: r.asked.MaxTokens, Seed: r.asked.Seed, PromptSet: promptSetOf(r.data)}
	if r.asked.SystemPrompt != "" {
		g.SystemPrompt = sha256.Sum256([]byte(r.asked.SystemPrompt))
	}
	w := completed{
		path: filepath.Join(e.dir, r.file), content: rowsOf(r.data, bytes, ""), sources: []provenance.Source{r.by.as(provenance.GeneratorRole, r.data.Len())},
		made: provenance.Made{By: "example", Generation: g, Steps: r.steps},
	}
	if err := w.save(); err != nil {
		return nil, err
	}
	return provenance.ReadManifest(w.path)
}

// filterSteps returns the steps of filters that have read the same rows.
func filterSteps(stats filter.Stats, filters ...filter.Filter) (steps []provenance.Step) {
	for i, f := range stats.Filters {
		steps = append(steps, filterStep(f, settingsOf(filters[i]), stats.Rows))
	}
	return steps
}
