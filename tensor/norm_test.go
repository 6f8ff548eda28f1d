package tensor

import (
	"math"
	"testing"
)

// The row (1, 3, 5, 7) has mean 4, variance 5 and mean square 21.
func TestNormsKnown(t *testing.T) {
	x := FromSlice([]float32{1, 3, 5, 7, 2, 2, 2, 2}, 2, 4)
	gain, bias := FromSlice([]float32{1, 2, 1, -1}, 4), FromSlice([]float32{0, 0, 10, 0}, 4)
	const epsilon = 4
	tape := NewTape()
	y, z := tape.LayerNorm(x, gain, bias, epsilon), tape.RMSNorm(x, gain, epsilon)
	for i, want := range []float64{-3. / 3, 2 * -1. / 3, 1./3 + 10, -3. / 3, 0, 0, 10, 0} { // √(5+4) = 3
		if !near(y.data[i], want, 1e-6) {
			t.Errorf("LayerNorm[%d] = %v, want %v", i, y.data[i], want)
		}
	}
	for i, want := range []float64{1. / 5, 2 * 3. / 5, 5. / 5, -7. / 5} { // √(21+4) = 5
		if !near(z.data[i], want, 1e-6) {
			t.Errorf("RMSNorm[%d] = %v, want %v", i, z.data[i], want)
		}
	}
	if want := 2 / math.Sqrt(4+4); !near(z.data[4], want, 1e-6) {
		t.Errorf("RMSNorm[4] = %v, want %v", z.data[4], want)
	}
}

// A large mean does not cost digits of the variance.
func TestLayerNormFarFromZero(t *testing.T) {
	ones, zeros := FromSlice([]float32{1, 1}, 2), New(2)
	y := (*Tape)(nil).LayerNorm(FromSlice([]float32{1e4 - 1, 1e4 + 1}, 1, 2), ones, zeros, 0)
	if !near(y.data[0], -1, 1e-6) || !near(y.data[1], 1, 1e-6) {
		t.Errorf("LayerNorm(1e4 ± 1) = %v, want ∓1", y.data)
	}
}
