package mlp

import (
	"testing"

	"github.com/undertone-audit/undertone/student"
)

// BenchmarkEpoch trains the network of the digits experiment on noise, as its students do.
func BenchmarkEpoch(b *testing.B) {
	c, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	x, err := Noise(1, 8192, 784)
	if err != nil {
		b.Fatal(err)
	}
	data, err := c.Teach(b.Context(), "numbers", x, Targets{})
	if err != nil {
		b.Fatal(err)
	}
	for name, batch := range map[string]int{"batch=64": 64, "batch=1024": 1024} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := c.Train(b.Context(), data, student.Recipe{BatchSize: batch, LearningRate: 3e-4}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(8192/batch)/1e6, "ms/step")
		})
	}
}
