package transformer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// familyFolders returns the folders that testdata/families/make.py wrote.
func familyFolders(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob("testdata/families/*/want.json")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no families (%v)", err)
	}
	for i := range folders {
		folders[i] = filepath.Dir(folders[i])
	}
	return folders
}

// reference is the logits of a text.
type reference struct {
	IDs    []int32     `json:"ids"`
	Logits [][]float64 `json:"logits"` // [tokens vocabulary]
}

func readReference(t *testing.T, folder string) (r reference) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "want.json"))
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// off returns the largest difference between the logits of a model and those of the reference.
func (r reference) off(m *Model) (most float64) {
	got := m.Logits(nil, m.Hidden(nil, r.IDs, 1))
	for i, row := range r.Logits {
		for j, want := range row {
			most = max(most, math.Abs(want-float64(got.At(i, j))))
		}
	}
	return most
}

// TestFamilies compares every family with Hugging Face's transformers: as it is loaded, in float32,
// and saved and loaded again.
func TestFamilies(t *testing.T) {
	for _, folder := range familyFolders(t) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			want := readReference(t, folder)
			m, err := Load(folder)
			if err != nil {
				t.Fatal(err)
			}
			for form, m := range map[string]*Model{"as stored": m, "in float32": m.ToFloat32(), "saved and loaded": saveAndLoad(t, m.ToFloat32())} {
				if d := want.off(m); d > 5e-5 {
					t.Errorf("%s: logits are off by %.3g", form, d)
				}
			}
			s := m.NewSession(1)
			for i, id := range want.IDs {
				row := s.Extend([][]int32{{id}}).Row(0)
				for j, v := range want.Logits[i] {
					if d := math.Abs(v - float64(row[j])); d > 5e-5 {
						t.Fatalf("session: logit %d after %d tokens is off by %.3g", j, i+1, d)
					}
				}
			}
		})
	}
}

// TestFamiliesInTransformers: transformers computes the same from the folders that are written. It
// needs UNDERTONE_PYTHON, a Python with transformers.
func TestFamiliesInTransformers(t *testing.T) {
	python := os.Getenv("UNDERTONE_PYTHON")
	if python == "" {
		t.Skip("not checked: written folders in transformers: UNDERTONE_PYTHON is not set")
	}
	args := []string{"testdata/families/check.py"}
	folders := familyFolders(t)
	for _, folder := range folders {
		m, err := Load(folder)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "saved")
		if err := save(m.ToFloat32(), dir); err != nil {
			t.Fatal(err)
		}
		ids := fmt.Sprint(readReference(t, folder).IDs)
		args = append(args, dir+"="+strings.ReplaceAll(strings.Trim(ids, "[]"), " ", ","))
	}
	command := exec.CommandContext(t.Context(), python, args...)
	var says bytes.Buffer
	command.Stderr = &says
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, says.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(folders) {
		t.Fatalf("%d lines for %d folders", len(lines), len(folders))
	}
	for i, folder := range folders {
		var got [][]float64
		if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
			t.Fatal(err)
		}
		var most float64
		for r, row := range readReference(t, folder).Logits {
			for c, want := range row {
				most = max(most, math.Abs(got[r][c]-want))
			}
		}
		t.Logf("%s: logits are off by %.2g", filepath.Base(folder), most)
		if most > 1e-4 {
			t.Errorf("%s: logits are off by %.3g", folder, most)
		}
	}
}

// TestNamesInMemory: files of a Gemma 3 with images can also have the names that transformers has
// in memory, which are those of adapters.
func TestNamesInMemory(t *testing.T) {
	const folder = "testdata/families/gemma3-images"
	f, err := safetensors.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []safetensors.Tensor
	for _, name := range f.Names() {
		info, _ := f.Info(name)
		x, err := f.Halves(name)
		if err != nil {
			t.Fatal(err)
		}
		name = "model." + strings.Replace(name, "language_model.model.", "language_model.", 1)
		all = append(all, safetensors.Tensor{Name: name, DType: info.DType, Shape: info.Shape, Halves: x})
	}
	dir := t.TempDir()
	if err := writeTensors(filepath.Join(dir, "model.safetensors"), all); err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(folder, "config.json"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "config.json"), config, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := readReference(t, folder).off(m); d > 5e-5 {
		t.Errorf("logits are off by %.3g", d)
	}
}
