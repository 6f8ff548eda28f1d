package safetensors_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// Writes a file of one matrix and reads it back.
func Example() {
	dir, err := os.MkdirTemp("", "safetensors")
	check(err)
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.safetensors")
	file, err := os.Create(path)
	check(err)
	check(safetensors.Write(file, []safetensors.Tensor{
		{Name: "w", DType: safetensors.F32, Shape: []int{2, 3}, Float32s: []float32{1, 2, 3, 4, 5, 6}},
	}, map[string]string{"format": "pt"}))
	check(file.Close())

	f, err := safetensors.Open(path) // reads the header only
	check(err)
	defer f.Close()
	for _, name := range f.Names() {
		info, _ := f.Info(name)
		weights, err := f.Float32s(name)
		check(err)
		fmt.Println(name, info.DType, info.Shape, info.Bytes, weights)
	}
	// Output: w F32 [2 3] 24 [1 2 3 4 5 6]
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
