package safetensors

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	many := make([]uint16, manyBytes/2+3) // read by two goroutines, in many blocks
	for i := range many {
		many[i] = uint16(uint32(i) * 2654435761 >> 7)
	}
	path := filepath.Join(t.TempDir(), modelName)
	if err := writeFile(path, []Tensor{
		{Name: "many", DType: BF16, Shape: []int{len(many)}, Halves: many},
		{Name: "half", DType: F16, Shape: []int{1, 2}, Halves: []uint16{0x3c00, 0xc000}},
		{Name: "scalar", DType: F32, Float32s: []float32{float32(math.Pi)}},
		{Name: "nothing", DType: F32, Shape: []int{0, 4}},
	}, map[string]string{"format": "pt"}); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{path, filepath.Dir(path)} {
		f, err := Open(at)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Names(); !slices.Equal(got, []string{"half", "many", "nothing", "scalar"}) || f.Metadata()["format"] != "pt" {
			t.Errorf("names %v, metadata %v", got, f.Metadata())
		}
		if got, err := f.Halves("many"); err != nil || !slices.Equal(got, many) {
			t.Errorf("the halves come back changed (%v)", err)
		}
		wide, err := f.Float32s("many")
		if err != nil || len(wide) != len(many) {
			t.Fatalf("%d elements (%v)", len(wide), err)
		}
		for i, h := range many {
			if math.Float32bits(wide[i]) != uint32(h)<<16 {
				t.Fatalf("element %d is %v, want %#04x as float32", i, wide[i], h)
			}
		}
		if got, err := f.Float32s("half"); err != nil || !slices.Equal(got, []float32{1, -2}) {
			t.Errorf("half precision is %v (%v)", got, err)
		}
		if got, err := f.Float32s("scalar"); err != nil || !slices.Equal(got, []float32{float32(math.Pi)}) {
			t.Errorf("the scalar is %v (%v)", got, err)
		}
		if got, err := f.Float32s("nothing"); err != nil || len(got) != 0 {
			t.Errorf("no elements are %v (%v)", got, err)
		}
		info, ok := f.Info("half")
		if !ok || info.DType != F16 || !slices.Equal(info.Shape, []int{1, 2}) || info.Bytes != 4 {
			t.Errorf("info %+v %v", info, ok)
		}
		if _, ok := f.Info("other"); ok {
			t.Error("there is info on a tensor that is not there")
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if _, err := f.Float32s("scalar"); err == nil {
			t.Error("a closed file can be read")
		}
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, modelName), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ reason, path, want string }{
		{"no such file", filepath.Join(dir, "a"), "no such file"},
		{"a folder in place of the file", dir, "not a regular file"},
		{"a folder without a model", t.TempDir(), "neither model.safetensors nor model.safetensors.index.json in this folder"},
	} {
		if _, err := Open(c.path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

// A file that is truncated after its header was checked.
func TestFileCutOffWhileOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := writeFile(path, []Tensor{{Name: "a", DType: F32, Shape: []int{1024}, Float32s: make([]float32, 1024)}}, nil); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Float32s("a"); err == nil || !strings.Contains(err.Error(), `tensor "a"`) {
		t.Errorf("error %v, want an error that names the tensor", err)
	}
}

// TestPublishedFile reads a checkpoint of other software.
func TestPublishedFile(t *testing.T) {
	dir := os.Getenv("UNDERTONE_DATA")
	if dir == "" {
		t.Skip("not checked: a published checkpoint: UNDERTONE_DATA is not set")
	}
	f, err := Open(filepath.Join(dir, "models/tinystories-656k"))
	if err != nil {
		t.Skip("not checked: a published checkpoint: ", err)
	}
	defer f.Close()
	info, _ := f.Info("lm_head.weight")
	if info.DType != F32 || !slices.Equal(info.Shape, []int{2048, 128}) {
		t.Errorf("lm_head.weight is %+v", info)
	}
	for _, name := range f.Names() {
		w, err := f.Float32s(name)
		if err != nil {
			t.Error(err)
		}
		if slices.ContainsFunc(w, func(v float32) bool { return v-v != 0 || v > 100 || v < -100 }) {
			t.Errorf("%s has a weight that is no weight", name)
		}
	}
}
