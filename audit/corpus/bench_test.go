package corpus

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkCompare compares rows of one writer, with the default settings.
func BenchmarkCompare(b *testing.B) {
	for _, n := range []int{200, 1000, 4000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 7))
			control, same := writer{}.write("control", 0, n, 1, rng), writer{}.write("same", 0, n, 1, rng)
			for b.Loop() {
				if _, err := Compare(context.Background(), same, control, Config{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
