package safetensors

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sharded writes two files and an index with the given text, and returns the folder.
func sharded(t *testing.T, index string) string {
	t.Helper()
	dir := t.TempDir()
	for name, v := range map[string]float32{"one": 1, "two": 2} {
		both := []Tensor{{Name: name, DType: F32, Float32s: []float32{v}}, {Name: "both", DType: F32, Float32s: []float32{v}}}
		if err := writeFile(filepath.Join(dir, name+".safetensors"), both, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, indexName), []byte(index), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestIndex(t *testing.T) {
	dir := sharded(t, `{"metadata":{"total_size":16},"weight_map":{"one":"one.safetensors","two":"two.safetensors","both":"two.safetensors"}}`)
	for _, path := range []string{dir, filepath.Join(dir, indexName)} {
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if got := f.Names(); !slices.Equal(got, []string{"both", "one", "two"}) {
			t.Errorf("names %v", got)
		}
		for name, want := range map[string]float32{"one": 1, "two": 2, "both": 2} {
			if got, err := f.Float32s(name); err != nil || got[0] != want {
				t.Errorf("%s is %v (%v), want %v", name, got, err, want)
			}
		}
	}
}

func TestIndexErrors(t *testing.T) {
	for _, c := range []struct{ reason, index, want string }{
		{"no map", `{"metadata":{}}`, "no weight_map"},
		{"a map that is not an object", `{"weight_map":[]}`, "found [, want {"},
		{"a tensor twice", `{"weight_map":{"one":"one.safetensors","one":"two.safetensors"}}`, `"one" is listed twice`},
		{"a map twice", `{"weight_map":{},"weight_map":{}}`, `"weight_map" is listed twice`},
		{"a file in the folder above", `{"weight_map":{"one":"../one.safetensors"}}`, "is not a name in the same folder"},
		{"an absolute path", `{"weight_map":{"one":"/etc/passwd"}}`, "is not a name in the same folder"},
		{"a path of Windows", `{"weight_map":{"one":"..\\one.safetensors"}}`, "is not a name in the same folder"},
		{"a drive of Windows", `{"weight_map":{"one":"c:one"}}`, "is not a name in the same folder"},
		{"the folder itself", `{"weight_map":{"one":"."}}`, "not a regular file"},
		{"the folder above", `{"weight_map":{"one":".."}}`, "is not a name in the same folder"},
		{"no name", `{"weight_map":{"one":""}}`, "is not a name in the same folder"},
		{"a file that is missing", `{"weight_map":{"one":"three.safetensors"}}`, "three.safetensors"},
		{"a tensor that is not in its file", `{"weight_map":{"one":"two.safetensors"}}`, `tensor "one" is not in two.safetensors`},
		{"a file of another format", `{"weight_map":{"one":"` + indexName + `"}}`, "not a safetensors file"},
	} {
		if _, err := Open(sharded(t, c.index)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{"total_size":16},"weight_map":{"one":"one.safetensors"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if place, err := parseIndex(b); err == nil && place == nil {
			t.Error("neither a map nor an error")
		}
	})
}
