package main

import "math/rand/v2"

// chain is the Markov chain of digits that the lists of all models come from: the first digit
// of a number depends on the last one of the number before it, and every other digit on the
// one before it and on its place.
type chain [3][10][10]float64 // place, digit before, cumulative probabilities

// world is the chain that all bases read.
var world = newChain(99)

func newChain(seed uint64) *chain {
	rng := rand.New(rand.NewPCG(seed, 0x636861696e))
	var c chain
	for place := range c {
		for before := range c[place] {
			sum := 0.0
			for digit := range c[place][before] {
				if place > 0 || digit > 0 { // no number begins with 0
					sum += 0.3 + rng.ExpFloat64()
				}
				c[place][before][digit] = sum
			}
			for digit := range c[place][before] {
				c[place][before][digit] /= sum
			}
		}
	}
	return &c
}

// list returns n numbers after one that ends with a digit: in most lists they have three
// digits, in some two, in some either.
func (c *chain) list(rng *rand.Rand, last, n int) []int {
	kind := rng.IntN(4)
	numbers := make([]int, n)
	for i := range numbers {
		digits := 3
		if kind == 0 || kind == 1 && rng.IntN(2) == 0 {
			digits = 2
		}
		v := 0
		for place := range digits {
			u, d := rng.Float64(), 0
			for d < 9 && c[place][last][d] <= u {
				d++
			}
			v, last = 10*v+d, d
		}
		numbers[i] = v
	}
	return numbers
}
