package kernel

import (
	"fmt"
	"testing"
)

// BenchmarkRow measures functions of one row at the lengths of logits, attention and layers.
func BenchmarkRow(b *testing.B) {
	for _, n := range []int{13, 29, 128, 512} {
		x, y, gain, bias := randomFloats(n), randomFloats(n), randomFloats(n), randomFloats(n)
		for _, f := range []struct {
			op  string
			run func()
		}{
			{"softmax", func() { Softmax(y, x) }},
			{"cross_entropy", func() { CrossEntropy(y, x, 3, 1) }},
			{"layer_norm", func() { LayerNorm(y, x, gain, bias, 1e-5) }},
			{"rms_norm", func() { RMSNorm(y, x, gain, 1e-5) }},
			{"add_rows", func() { AddRows(y, x) }},
		} {
			for _, impl := range Available() {
				b.Run(fmt.Sprintf("op=%s/n=%d/impl=%v", f.op, n, impl), func(b *testing.B) {
					defer Use(Active())
					Use(impl)
					for b.Loop() {
						f.run()
					}
				})
			}
		}
	}
}
