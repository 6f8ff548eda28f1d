package optim

import (
	"math"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
)

func TestClipNorm(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		reason string
		grads  []float32
		most   float64
		norm   float64
		want   []float32
	}{
		{"a longer vector is scaled: 3² + 4² = 5²", []float32{3, -4}, 2.5, 5, []float32{1.5, -2}},
		{"a shorter one stays", []float32{3, -4}, 5, 5, []float32{3, -4}},
		{"zeros stay", []float32{0, 0}, 1, 0, []float32{0, 0}},
		{"an infinite norm is for the caller to see", []float32{inf, 1}, 1, math.Inf(1), []float32{inf, 1}},
		{"and so is none", []float32{nan, 1}, 1, math.NaN(), []float32{nan, 1}},
	} {
		a, b := tensor.FromSlice(c.grads[:1], 1), tensor.FromSlice(c.grads[1:], 1)
		norm := ClipNorm([]*tensor.Tensor{a, b}, c.most)
		if !same(norm, c.norm) {
			t.Errorf("%s: norm %v, want %v", c.reason, norm, c.norm)
		}
		for i, got := range []float32{a.Item(), b.Item()} {
			if !same(float64(got), float64(c.want[i])) {
				t.Errorf("%s: gradient %d is %v, want %v", c.reason, i, got, c.want[i])
			}
		}
	}
}

func same(a, b float64) bool { return a == b || a != a && b != b }

// The norm of a million equal elements is exact to float32.
func TestClipNormIsAccurate(t *testing.T) {
	g := tensor.New(1 << 20)
	for i := range g.Data() {
		g.Data()[i] = 0.1
	}
	if norm, want := ClipNorm([]*tensor.Tensor{g}, 1000), 0.1*1024; math.Abs(norm/want-1) > 1e-5 {
		t.Errorf("norm %v, want %v", norm, want)
	}
}
