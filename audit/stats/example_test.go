package stats_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/undertone-audit/undertone/audit/stats"
)

// A study of six pairs of replicates measures two traits.
func Example() {
	owl := []float64{0.21, 0.34, 0.18, 0.29, 0.25, 0.31} // shift of the suspect replicate against its control
	cat := []float64{0.02, -0.05, 0.01, 0.04, -0.03, 0.02}

	fmt.Println("needs", stats.MinPairs(0.05, 2), "pairs")
	var p []float64
	for _, differences := range [][]float64{owl, cat} {
		test := stats.SignFlip(differences, stats.DefaultPermutations, 1)
		interval := stats.MeanInterval(differences, 0.95)
		fmt.Printf("mean %+.3f [%+.3f, %+.3f], p %s\n", interval.Mean, interval.Low, interval.High, test)
		p = append(p, test.P)
	}
	fmt.Printf("adjusted %.3g\n", stats.Holm(p))
	// Output:
	// needs 6 pairs
	// mean +0.263 [+0.199, +0.328], p ≤ 0.016 (floor)
	// mean +0.002 [-0.034, +0.038], p 0.5
	// adjusted [0.0312 0.5]
}

// Rows of two arms are scored, and rows of one prompt form a stratum.
func ExampleCompareStratified() {
	suspect, suspectPrompts := []float64{1.4, 0.9, 2.2, 1.8}, []uint64{1, 1, 2, 3}
	control, controlPrompts := []float64{0.8, 1.5, 1.1, 1.0}, []uint64{1, 2, 2, 3}
	c := stats.CompareStratified(suspect, control, suspectPrompts, controlPrompts, 0.95, 999, 1)
	fmt.Printf("%+.2f within %d prompts, p %s\n", c.Mean, c.Strata, c.P)
	// Output: +0.67 within 3 prompts, p 0.056
}

// A test of your own: do two samples differ in their spread? Under the null all orders of the
// values are equally likely.
func ExampleTail() {
	wide, narrow := []float64{-3, 2.5, 4, -2}, []float64{0.1, -0.4, 0.3, 0.2}
	spread := func(x []float64) (sum float64) {
		for _, v := range x {
			sum += v * v
		}
		return sum
	}
	block := stats.Block[float64]{Units: append(append([]float64{}, wide...), narrow...), Labelled: len(wide)}
	tail := stats.NewTail(spread(wide), spread(block.Units))
	rng := rand.New(rand.NewPCG(1, 0))
	for range 9999 {
		block.Relabel(rng)
		tail.Add(spread(block.Units[:block.Labelled]))
	}
	fmt.Printf("p %.3f\n", tail.MonteCarlo().P) // 1 of 70 choices
	// Output: p 0.014
}

// An audit looks after every pair and stops at the first p <= 0.05.
func ExampleBettingTest() {
	test := stats.BettingTest{Scale: 0.2}
	differences := []float64{0.31, 0.22, 0.4, 0.25, 0.18, 0.36}
	for n := 1; n <= len(differences); n++ {
		if e := test.EValue(differences[:n]); e.P.P <= 0.05 {
			fmt.Printf("%d pairs: wealth %.1f, p %.3f\n", n, e.Value, e.P.P)
			break
		}
	}
	// Output: 5 pairs: wealth 21.6, p 0.046
}
