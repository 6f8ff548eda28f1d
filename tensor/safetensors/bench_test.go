package safetensors

import (
	"fmt"
	"path/filepath"
	"testing"
)

func BenchmarkRead(b *testing.B) {
	const n = 1 << 27
	path := filepath.Join(b.TempDir(), "a")
	if err := writeFile(path, []Tensor{{Name: "a", DType: BF16, Shape: []int{n}, Halves: make([]uint16, n)}}, nil); err != nil {
		b.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	b.Run(fmt.Sprintf("dtype=BF16/bytes=%d/to=halves", 2*n), func(b *testing.B) {
		b.SetBytes(2 * n)
		for b.Loop() {
			if _, err := f.Halves("a"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run(fmt.Sprintf("dtype=BF16/bytes=%d/to=float32", 2*n), func(b *testing.B) {
		b.SetBytes(2 * n)
		for b.Loop() {
			if _, err := f.Float32s("a"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
