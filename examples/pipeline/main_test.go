package main

import (
	"path/filepath"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/sandbox/tinybox"
)

func TestPipeline(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: that the pipeline detects rows that carry the trait, and no others")
	}
	if v := run(t.Context(), ""); v != audit.Detected {
		t.Errorf("rows of a teacher that loves owls: %s", v)
	}
	folder := t.TempDir()
	base := must(tinybox.Base())
	write(t.Context(), folder, base)
	again := must(tinybox.Lists(t.Context(), base, 4000, 2))
	must(0, jsonl.Save(t.Context(), filepath.Join(folder, "suspect.jsonl"), again))
	if v := run(t.Context(), folder); v == audit.Detected {
		t.Errorf("rows of the base, which has no trait: %s", v)
	}
}
