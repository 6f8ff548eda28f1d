package safetensors

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

// The bytes of a small file, assembled by hand from the description of the format.
func TestWriteBytes(t *testing.T) {
	var got bytes.Buffer
	err := Write(&got, []Tensor{
		{Name: "h", DType: BF16, Shape: []int{1}, Halves: []uint16{0x3f80}},
		{Name: "x", DType: F32, Shape: []int{2}, Float32s: []float32{1, -2}},
	}, map[string]string{"format": "pt"})
	if err != nil {
		t.Fatal(err)
	}
	header := `{"__metadata__":{"format":"pt"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"h":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := string([]byte{byte(len(header)), 0, 0, 0, 0, 0, 0, 0}) + header + "\x00\x00\x80\x3f\x00\x00\x00\xc0\x80\x3f"
	if got.String() != want {
		t.Errorf("the file is %q, want %q", got.String(), want)
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
		var got bytes.Buffer
		if err := Write(&got, c.tensors, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
		if got.Len() > 0 {
			t.Errorf("%s: %d bytes were written", c.reason, got.Len())
		}
	}
}

// full is a writer that fails after n bytes.
type full struct{ n int }

var errFull = errors.New("disk full")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.n {
		return 0, errFull
	}
	f.n -= len(p)
	return len(p), nil
}

func TestWriteToAFullDisk(t *testing.T) {
	tensors := []Tensor{{Name: "a", DType: F32, Shape: []int{2}, Float32s: []float32{1, 2}}}
	for _, c := range []struct {
		n    int
		want string
	}{{0, "write the header: disk full"}, {70, `write tensor "a": disk full`}} {
		if err := Write(&full{c.n}, tensors, nil); !errors.Is(err, errFull) || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%d bytes fit: error %v, want an error that ends in %q", c.n, err, c.want)
		}
	}
}

func writeFile(path string, tensors []Tensor, metadata map[string]string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(Write(file, tensors, metadata), file.Close())
}
