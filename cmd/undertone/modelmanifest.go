package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/student/lm"
)

// modelOf returns the digests of a model.
func modelOf(m undertone.Model) *provenance.Model {
	model := &provenance.Model{Name: m.Name()}
	if d, ok := m.(interface{ Digest() undertone.Digest }); ok {
		model.Digest = d.Digest()
	}
	switch m := m.(type) {
	case *lm.Model:
		p := m.Parts()
		model.Weights, model.Base, model.Tokenizer, model.Config, model.Template, model.Adapter = p.Weights, p.Base, p.Tokenizer, p.Config, p.Template, p.Adapter
	case remoteModel:
		model.Server = string(kindOf(m.Model))
	}
	return model
}

// modelSource returns a model as a parent of an output, with its history if the manifest beside its
// folder describes it. Name is the value of the flag: a folder, an embedded model or a URL.
func (f manifestFlag) modelSource(ctx context.Context, c console, output string, m undertone.Model, name, adapter string, role provenance.Role) (provenance.Source, error) {
	r := provenance.Record{Content: provenance.Content{Kind: provenance.ModelKind, Model: modelOf(m)}, Parents: []provenance.Parent{}}
	if adapter != "" {
		return f.adapted(ctx, c, output, r, name, adapter, role)
	}
	return historyOf(c, output, r, name, role)
}

// historyOf returns a model with the history in the manifest beside its folder, if the manifest
// describes its weights. A model with other settings than those of the folder, such as another chat
// template, has the model of the folder as its parent.
func historyOf(c console, output string, r provenance.Record, name string, role provenance.Role) (provenance.Source, error) {
	alone := provenance.Source{Record: r, Role: role}
	if _, there := embedded[name]; there || isServer(name) {
		return alone, nil
	}
	alone.Record.Path = relativePath(output, name)
	m := readManifest(c, filepath.Clean(name))
	if m == nil {
		return alone, nil
	}
	found := m.Subject.Content.Model
	if found == nil || found.Weights != r.Content.Model.Weights {
		c.warnings.add(fmt.Sprintf("%s describes other weights than those of %s, so their origin is unknown: train again, or remove the manifest", provenance.Path(filepath.Clean(name)), name))
		return alone, nil
	}
	from := filepath.ToSlash(filepath.Dir(alone.Record.Path))
	if found.Digest == r.Content.Model.Digest {
		return m.Source(role, 0, from), nil
	}
	r.Made = &provenance.Made{By: "settings", Version: undertone.Version, Steps: []provenance.Step{}}
	changed, err := provenance.NewManifest(r, m.Source(provenance.BaseRole, 0, from))
	if err != nil {
		return alone, err
	}
	return changed.Source(role, 0, ""), nil
}

// adapted returns a model with an adapter, whose parents are both.
func (f manifestFlag) adapted(ctx context.Context, c console, output string, r provenance.Record, name, adapter string, role provenance.Role) (provenance.Source, error) {
	base, err := loadModel(name)
	if err != nil {
		return provenance.Source{}, err
	}
	on, err := historyOf(c, output, provenance.Record{Content: provenance.Content{Kind: provenance.ModelKind, Model: modelOf(base)}, Parents: []provenance.Parent{}}, name, provenance.BaseRole)
	if err != nil {
		return provenance.Source{}, err
	}
	with, err := adapterSource(ctx, c, output, adapter)
	if err != nil {
		return provenance.Source{}, err
	}
	r.Made = &provenance.Made{By: "adapter", Version: undertone.Version, Steps: []provenance.Step{}}
	m, err := provenance.NewManifest(r, on, with)
	if err != nil {
		return provenance.Source{}, err
	}
	return m.Source(role, 0, ""), nil
}

// adapterSource returns the folder of an adapter as a parent.
func adapterSource(ctx context.Context, c console, output, adapter string) (provenance.Source, error) {
	adapter = filepath.Clean(adapter)
	sum, size, err := provenance.DigestFolder(ctx, os.DirFS(adapter), ".")
	if err != nil {
		return provenance.Source{}, fmt.Errorf("--adapter: %w", err)
	}
	r := provenance.Record{
		Path:    relativePath(output, adapter),
		Content: provenance.Content{Kind: provenance.AdapterKind, Bytes: sum, Size: size, Model: &provenance.Model{Name: filepath.Base(adapter)}},
		Parents: []provenance.Parent{},
	}
	m := readManifest(c, adapter)
	switch {
	case m == nil:
	case m.Subject.Content.Bytes != sum:
		c.warnings.add(fmt.Sprintf("%s describes another adapter than %s, so its origin is unknown", provenance.Path(adapter), adapter))
	default:
		return m.Source(provenance.AdapterRole, 0, filepath.ToSlash(filepath.Dir(r.Path))), nil
	}
	return provenance.Source{Record: r, Role: provenance.AdapterRole}, nil
}

// tracedModels loads the models that a manifest names, for [provenance.Options]. Root is the folder
// in which paths lie.
func tracedModels(root string) func(context.Context, string, string) (*provenance.Model, error) {
	return func(_ context.Context, path, name string) (*provenance.Model, error) {
		if path == "" {
			if _, there := embedded[name]; !there {
				return nil, nil
			}
			path = name
		} else {
			path = filepath.Join(root, filepath.FromSlash(path))
		}
		m, err := loadModel(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return modelOf(m), nil
	}
}
