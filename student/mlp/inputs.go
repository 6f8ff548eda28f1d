package mlp

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/undertone-audit/undertone"
)

// Inputs are rows of numbers that are computed when they are read, so rows that follow from a seed
// take no memory. See [Noise], [Pixels] and [Floats].
type Inputs struct {
	rows, width int
	read        func(i int, dst []float32) // writes row i
	digest      func(i int) undertone.Digest
}

// Len returns the number of rows.
func (x Inputs) Len() int { return x.rows }

// Width returns the number of numbers in a row.
func (x Inputs) Width() int { return x.width }

// Read writes row i to dst, whose length must be at least the width.
func (x Inputs) Read(i int, dst []float32) { x.read(i, dst[:x.width]) }

// Noise returns rows of independent numbers, uniform in [−1, 1). Row i depends only on seed and i,
// and is never stored.
func Noise(seed uint64, rows, width int) (Inputs, error) {
	if err := checkSize(rows, width); err != nil {
		return Inputs{}, err
	}
	read := func(i int, dst []float32) {
		var pcg rand.PCG
		pcg.Seed(seed, uint64(i))
		// The first output of the generator decorrelates neighbouring states.
		pcg.Seed(pcg.Uint64(), uint64(i))
		for j := 0; j < len(dst); j += 2 {
			bits := pcg.Uint64()
			dst[j] = unit(bits >> 40)
			if j+1 < len(dst) {
				dst[j+1] = unit(bits & (1<<24 - 1))
			}
		}
	}
	digest := func(i int) undertone.Digest {
		return undertone.NewHasher("noise").Uint(seed).Uint(uint64(width)).Uint(uint64(i)).Sum()
	}
	return Inputs{rows, width, read, digest}, nil
}

// unit maps 24 bits to [−1, 1).
func unit(bits uint64) float32 { return float32(bits)*0x1p-23 - 1 }

// Pixels returns rows of width bytes, scaled from [0, 255] to [−1, 1]. data is shared and must not
// change.
func Pixels(data []byte, width int) (Inputs, error) {
	rows, err := divide(len(data), width)
	if err != nil {
		return Inputs{}, err
	}
	row := func(i int) []byte { return data[i*width : (i+1)*width] }
	read := func(i int, dst []float32) {
		for j, b := range row(i) {
			dst[j] = float32(b)/127.5 - 1
		}
	}
	digest := func(i int) undertone.Digest { return undertone.NewHasher("pixels").Text(string(row(i))).Sum() }
	return Inputs{rows, width, read, digest}, nil
}

// Floats returns rows of width numbers. data is shared and must not change. A number that is not
// finite is an error.
func Floats(data []float32, width int) (Inputs, error) {
	rows, err := divide(len(data), width)
	if err != nil {
		return Inputs{}, err
	}
	for i, v := range data {
		if v-v != 0 {
			return Inputs{}, fmt.Errorf("mlp: inputs: row %d, column %d is %v, want a finite number", i/width, i%width, v)
		}
	}
	row := func(i int) []float32 { return data[i*width : (i+1)*width] }
	read := func(i int, dst []float32) { copy(dst, row(i)) }
	digest := func(i int) undertone.Digest { return undertone.NewHasher("floats").Floats(row(i)).Sum() }
	return Inputs{rows, width, read, digest}, nil
}

func checkSize(rows, width int) error {
	if rows < 0 || rows > math.MaxInt32 || width < 1 || width > maxWeights {
		return fmt.Errorf("mlp: inputs: %d rows of %d numbers, want up to %d rows of 1 to %d", rows, width, math.MaxInt32, maxWeights)
	}
	return nil
}

func divide(n, width int) (rows int, err error) {
	if width < 1 || n%width != 0 {
		return 0, fmt.Errorf("mlp: inputs: %d numbers do not make rows of %d", n, width)
	}
	return n / width, checkSize(n/width, width)
}
