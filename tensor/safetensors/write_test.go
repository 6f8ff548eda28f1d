package safetensors

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The bytes of a small file, assembled by hand from the description of the format.
func TestWriteBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.safetensors")
	err := Write(path, []Tensor{
		{Name: "h", DType: BF16, Shape: []int{1}, Halves: []uint16{0x3f80}},
		{Name: "x", DType: F32, Shape: []int{2}, Float32s: []float32{1, -2}},
	}, map[string]string{"format": "pt"})
	if err != nil {
		t.Fatal(err)
	}
	header := `{"__metadata__":{"format":"pt"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"h":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := string([]byte{byte(len(header)), 0, 0, 0, 0, 0, 0, 0}) + header + "\x00\x00\x80\x3f\x00\x00\x00\xc0\x80\x3f"
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("the file is %q (%v), want %q", got, err, want)
	}
}

func TestWriteErrors(t *testing.T) {
	one := []float32{1}
	for _, c := range []struct {
		reason  string
		tensors []Tensor
		want    string
	}{
		{"a name twice", []Tensor{{Name: "a", DType: F32, Float32s: one}, {Name: "a", DType: F32, Float32s: one}}, `tensor "a" is listed twice`},
		{"the reserved name", []Tensor{{Name: "__metadata__", DType: F32, Float32s: one}}, "a tensor has the reserved name"},
		{"fewer elements than the shape", []Tensor{{Name: "a", DType: F32, Shape: []int{2}, Float32s: one}}, `tensor "a": 1 F32 elements for shape [2]`},
		{"elements of the other kind", []Tensor{{Name: "a", DType: F16, Float32s: one}}, `tensor "a": 0 F16 elements for shape []`},
		{"a type that is read only", []Tensor{{Name: "a", DType: "I64"}}, `cannot write dtype "I64"`},
		{"a negative dimension", []Tensor{{Name: "a", DType: F32, Shape: []int{-1}}}, "negative dimension"},
		{"a shape beyond memory", []Tensor{{Name: "a", DType: F32, Shape: []int{1 << 30, 1 << 30, 1 << 30}}}, "more elements than memory"},
		{"too many dimensions", []Tensor{{Name: "a", DType: F32, Shape: make([]int, 17)}}, "17 dimensions, want at most 16"},
		{"a name that JSON cannot hold", []Tensor{{Name: "\xff", DType: F32, Float32s: one}}, "not UTF-8"},
	} {
		path := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Write(path, c.tensors, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
		if got, _ := os.ReadFile(path); string(got) != "before" {
			t.Errorf("%s: the file that was there is now %q", c.reason, got)
		}
	}
}

// A write that fails leaves the old file, and no other file.
func TestReplaceIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	err := replace(path, func(w io.Writer) error {
		_, _ = w.Write(make([]byte, 1<<21))
		return full
	})
	files, _ := os.ReadDir(dir)
	if got, _ := os.ReadFile(path); !errors.Is(err, full) || string(got) != "before" || len(files) != 1 {
		t.Errorf("error %v, file %.20q, %d files", err, got, len(files))
	}
}
