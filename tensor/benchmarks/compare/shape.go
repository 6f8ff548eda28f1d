package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// shape is a product to measure.
type shape struct {
	name           string
	m, n, k        int
	transA, transB bool
}

// parseShape reads "64" or "1024x256x784", m×n×k, with an optional suffix such as "nt" for
// transposed A and B.
func parseShape(s string) (shape, error) {
	size := strings.TrimRight(s, "nt")
	ops := s[len(size):]
	if ops == "" {
		ops = "nn"
	}
	if len(ops) != 2 {
		return shape{}, fmt.Errorf("shape %q: want a suffix of two letters, n or t", s)
	}
	sh := shape{name: s, transA: ops[0] == 't', transB: ops[1] == 't'}
	if !strings.Contains(size, "x") {
		size = size + "x" + size + "x" + size
	}
	if _, err := fmt.Sscanf(size, "%dx%dx%d", &sh.m, &sh.n, &sh.k); err != nil {
		return shape{}, fmt.Errorf("shape %q: want N or MxNxK: %w", s, err)
	}
	return sh, nil
}

func (s shape) flops() float64 { return 2 * float64(s.m) * float64(s.n) * float64(s.k) }

// operands are the matrices of a product, contiguous.
type operands struct {
	a, b, c  []float32
	lda, ldb int
}

func (s shape) operands() operands {
	r := rand.New(rand.NewPCG(1, 2))
	fill := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = r.Float32()*2 - 1
		}
		return x
	}
	o := operands{fill(s.m * s.k), fill(s.k * s.n), fill(s.m * s.n), s.k, s.n}
	if s.transA {
		o.lda = s.m
	}
	if s.transB {
		o.ldb = s.k
	}
	return o
}
