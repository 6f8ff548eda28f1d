package lineage

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// A folder is compared without loading its model: with a copy, and with the adapters of its base.
func TestOpen(t *testing.T) {
	m, _ := network(t)
	dir := t.TempDir()
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	s, closed, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closed()
	got, err := Compare(t.Context(), s, undeclared(Of(m)), Options{})
	if err != nil || got.Grade != Shared || got.Weights == nil || got.Weights.Equal != 4 {
		t.Errorf("%+v, %v", got, err)
	}
	if s.Lineage != m.Lineage() {
		t.Errorf("declared lineage is %s, want %s", s.Lineage, m.Lineage())
	}
	adapted, err := m.WithLoRA(lm.LoRA{Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	adapter := t.TempDir()
	if err := adapted.SaveAdapter(adapter); err != nil {
		t.Fatal(err)
	}
	a, closed, err := Open(adapter)
	if err != nil {
		t.Fatal(err)
	}
	defer closed()
	if got, err := Compare(t.Context(), a, Of(m), Options{}); err != nil || got.Grade != Shared || !strings.Contains(got.Statement, "adapter") {
		t.Errorf("%+v, %v", got, err)
	}
}

func undeclared(s Subject) Subject {
	s.ModelInfo = ModelInfo{Name: s.Name}
	return s
}

// tensors writes a folder with a model of these tensors.
func tensors(t *testing.T, all ...safetensors.Tensor) string {
	t.Helper()
	dir := t.TempDir()
	var file bytes.Buffer
	if err := safetensors.Write(&file, all, nil); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "model.safetensors"), file.String())
	write(t, filepath.Join(dir, "config.json"), `{"model_type": "llama"}`)
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func filled(name string, value float32, shape ...int) safetensors.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	x := safetensors.Tensor{Name: name, DType: safetensors.F32, Shape: shape, Float32s: make([]float32, n)}
	for i := range x.Float32s {
		x.Float32s[i] = value
	}
	return x
}

// Folders with unexpected tensors are not compared, or are an error, and never a panic.
func TestHostileFolders(t *testing.T) {
	m, _ := network(t)
	var nan float32
	nan = nan / nan
	gate, up, down := "model.layers.0.mlp.gate_proj.weight", "model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.down_proj.weight"
	for _, c := range []struct {
		name string
		all  []safetensors.Tensor
		text string // of the result or the error
	}{
		{"no tensors", nil, "not known by their names"},
		{"a vector for a matrix", []safetensors.Tensor{filled(gate, 1, 48), filled(down, 1, 48, 128)}, "not known by their names"},
		{"shapes that do not fit", []safetensors.Tensor{filled(gate, 1, 128, 48), filled(down, 1, 48, 127)}, "not known by their names"},
		{"no neurons", []safetensors.Tensor{filled(gate, 1, 0, 48), filled(down, 1, 48, 0)}, "not known by their names"},
		{"a large number of a layer", []safetensors.Tensor{filled("model.layers.99999999999999999999.mlp.gate_proj.weight", 1, 2, 48)}, "not known by their names"},
		{"constant weights", []safetensors.Tensor{filled(gate, 1, 128, 48), filled(up, 1, 128, 48), filled(down, 1, 48, 128)}, "a relation is not excluded"},
		{"weights that are no numbers", []safetensors.Tensor{filled(gate, nan, 128, 48), filled(down, 1, 48, 128)}, "is not finite"},
		{"another hidden state, no vocabulary", []safetensors.Tensor{filled(gate, 1, 128, 40), filled(down, 1, 40, 128)}, "too few to align"},
	} {
		s, closed, err := Open(tensors(t, c.all...))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for side, pair := range [][2]Subject{{s, Of(m)}, {Of(m), s}} {
			text := ""
			got, err := Compare(t.Context(), pair[0], pair[1], Options{})
			if err != nil {
				text = err.Error()
			} else if text = got.Statement; got.Grade != Unknown {
				t.Errorf("%s: %s", c.name, got.Grade)
			}
			if !strings.Contains(text, c.text) {
				t.Errorf("%s, side %d: %q, want %q", c.name, side, text, c.text)
			}
		}
		if err := closed(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	empty, large, damaged := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, filepath.Join(large, "config.json"), strings.Repeat(" ", maxConfig+1))
	write(t, filepath.Join(damaged, "config.json"), "{")
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "config.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	for dir, text := range map[string]string{
		empty: "neither config.json nor adapter_config.json", large: "more than 1048576 bytes", damaged: "unexpected end of JSON", folder: "not a regular file",
		filepath.Join(empty, "absent"): "no such file or directory",
	} {
		if _, _, err := Open(dir); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v, want %q", err, text)
		}
	}
}
