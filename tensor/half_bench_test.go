package tensor

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkRow measures the product of one row, whose speed is that of reading the weights.
func BenchmarkRow(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1024, 4096} {
		x, w := Normal(rng, 1, 1, n), Normal(rng, 1, n, n)
		h := halfOf(w, BF16)
		tape := NewTape()
		for name, run := range map[string]func(){
			"F32":  func() { tape.Linear(x, w, nil) },
			"BF16": func() { tape.LinearHalf(x, h, nil) },
		} {
			b.Run(fmt.Sprintf("in=%d/out=%d/weights=%s", n, n, name), func(b *testing.B) {
				for b.Loop() {
					tape.Reset()
					run()
				}
				b.ReportMetric(float64(n*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gweights/s")
			})
		}
	}
}
