package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/provenance"
)

// setHistories adds to an audit where the rows of its arms come from, as far as there are manifests
// beside their files.
func (f auditFlags) setHistories(ctx context.Context, c console, cfg *audit.Config) (err error) {
	if cfg.SuspectHistory, err = f.history(ctx, c, f.Suspect); err != nil {
		return err
	}
	cfg.ControlHistory, err = f.history(ctx, c, f.Control)
	return err
}

// history traces a file of rows that has a manifest; it returns nil for another file. Folders of
// models are compared by their bytes and are not loaded, because they may be large.
func (f readFlags) history(ctx context.Context, c console, file string) (*audit.History, error) {
	if _, err := os.Stat(provenance.Path(file)); file == standard || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	opts, err := f.options(c)
	if err != nil {
		return nil, err
	}
	graph, err := rootFlag{}.trace(ctx, file, provenance.Options{Read: opts, Models: embeddedModels})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: its history: %w", file, err)
	}
	return audit.NewHistory(graph), nil
}

// embeddedModels loads the embedded model that a manifest names.
func embeddedModels(ctx context.Context, path, name string) (*provenance.Model, error) {
	if path != "" {
		return nil, nil
	}
	return tracedModels("")(ctx, "", name)
}
