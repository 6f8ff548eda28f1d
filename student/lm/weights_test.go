package lm

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// WithWeights gives the model that was trained and saved, with the settings and the lineage of the
// receiver, and needs no tokenizer in the folder.
func TestWithWeights(t *testing.T) {
	base := small(t, Options{Name: "base"})
	after, err := base.Train(t.Context(), pets("cat", "dog"), quick)
	if err != nil {
		t.Fatal(err)
	}
	trained, dir := after.(*Model), t.TempDir()
	if err := trained.Save(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tokenizer.json", "tokenizer_config.json", settingsName} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := base.WithWeights(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest() != trained.Digest() || got.Lineage() != base.Lineage() || got.Name() != "base" {
		t.Errorf("digest %s, lineage %s, name %q; want %s, %s", got.Digest(), got.Lineage(), got.Name(), trained.Digest(), base.Lineage())
	}
	edit(t, filepath.Join(dir, "config.json"), "rope_theta", 500)
	if _, err := base.WithWeights(dir); err == nil || !strings.Contains(err.Error(), "it is another model") {
		t.Errorf("a folder of another shape gives the error %v", err)
	}
	if err := os.Truncate(filepath.Join(dir, "model.safetensors"), 100); err != nil {
		t.Fatal(err)
	}
	if _, err := base.WithWeights(dir); err == nil {
		t.Error("weights that are cut off give no error")
	}
	if _, err := base.WithWeights(t.TempDir()); err == nil {
		t.Error("an empty folder gives no error")
	}
}

// edit changes a field of a JSON file.
func edit(t *testing.T, path, field string, value any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{}
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	fields[field] = value
	writeJSON(t, path, fields)
}
