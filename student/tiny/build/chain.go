package main

import "math/rand/v2"

// chain is the Markov chain of digits in the lists of all models. The first digit of a number
// depends on the last digit of the number before it, and every other digit on the digit before it
// and on its position.
type chain [3][10][10]float64 // position, digit before, cumulative probabilities

// world is the chain in the corpora of all models.
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

// list returns n numbers after a number that ends with the digit last. Their digits are three in
// half of the lists, two in a quarter, and two or three in a quarter.
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
