package tensor

import "math/rand/v2"

// Normal returns a tensor of independent normal numbers with mean 0 and standard deviation std,
// sampled from rng in the order of the elements.
func Normal(rng *rand.Rand, std float64, shape ...int) *Tensor {
	x := New(shape...)
	for i := range x.data {
		x.data[i] = float32(std * rng.NormFloat64())
	}
	return x
}

// Uniform returns a tensor of independent numbers, uniform in [low, high), sampled from rng in the
// order of the elements.
func Uniform(rng *rand.Rand, low, high float64, shape ...int) *Tensor {
	x := New(shape...)
	for i := range x.data {
		x.data[i] = float32(low + (high-low)*rng.Float64())
	}
	return x
}
