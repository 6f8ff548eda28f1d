package lineage

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The bound is at least the share of all permutations of six labels with so many fixed points, and
// equal to it where every label must be fixed.
func TestLogChanceBoundsFixedPoints(t *testing.T) {
	const n = 6
	atLeast := make([]float64, n+1)
	total := 0.0
	permutations(n, func(p []int) {
		total++
		fixed := 0
		for i, v := range p {
			if i == v {
				fixed++
			}
		}
		for k := range fixed + 1 {
			atLeast[k]++
		}
	})
	for k := range n + 1 {
		exact, bound := atLeast[k]/total, math.Pow(10, logChance(k, n, n))
		if bound < exact*(1-1e-9) || bound > 1 {
			t.Errorf("at least %d: bound %g, exact %g", k, bound, exact)
		}
	}
	if got, want := logChance(n, n, n), math.Log10(1.0/720); math.Abs(got-want) > 1e-9 {
		t.Errorf("all fixed: %g, want %g", got, want)
	}
}

// permutations calls each with every permutation of n numbers.
func permutations(n int, each func([]int)) {
	p := make([]int, n)
	var place func(i int)
	place = func(i int) {
		if i == n {
			each(p)
			return
		}
		for v := range n {
			used := false
			for _, u := range p[:i] {
				used = used || u == v
			}
			if !used {
				p[i] = v
				place(i + 1)
			}
		}
	}
	place(0)
}

// Of independent random layers, at most a hundredth has a p-value of at most 0.01, in both tests.
func TestIndependentLayersKeepTheLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const runs = 400
	var agree, index int
	for range runs {
		a, b := randomNeurons(rng, 40, 12), randomNeurons(rng, 40, 12)
		var l LayerTest
		l.test(a.directions(), b.directions(), spaced(40, 40))
		if l.AgreeLogP <= -2 {
			agree++
		}
		if l.IndexLogP <= -2 {
			index++
		}
	}
	// 400 draws at 0.01 exceed 10 with a chance of 0.3 %.
	if agree > 10 || index > 10 {
		t.Errorf("p <= 0.01 in %d and %d of %d runs", agree, index, runs)
	}
}

func randomNeurons(rng *rand.Rand, n, dim int) neurons {
	x := neurons{in: newMatrix(n, dim), out: newMatrix(n, dim)}
	for _, m := range []matrix{x.in, x.out} {
		for i := range m.data {
			m.data[i] = float32(rng.NormFloat64())
		}
	}
	return x
}
