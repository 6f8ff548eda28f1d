package optim

import "math"

// Schedule returns the learning rate of a step. Steps count from 0.
type Schedule func(step int) float64

// Constant returns the schedule with one rate for all steps.
func Constant(rate float64) Schedule { return func(int) float64 { return rate } }

// Linear returns the schedule that rises to rate in warmup steps, rate·(step+1)/warmup, and then
// falls linearly, to 0 at step number steps, the first one after the last. It stays 0 afterwards.
func Linear(rate float64, warmup, steps int) Schedule {
	return warmed(rate, warmup, steps, func(x float64) float64 { return 1 - x })
}

// Cosine returns [Linear] with half a wave of the cosine in place of the falling line (Loshchilov &
// Hutter 2017, without restarts): rate·(1 + cos π·x)/2, where x goes from 0 at the end of the
// warm-up to 1.
func Cosine(rate float64, warmup, steps int) Schedule {
	return warmed(rate, warmup, steps, func(x float64) float64 { return (1 + math.Cos(math.Pi*x)) / 2 })
}

// warmed returns the schedule that falls as the given function of [0, 1).
func warmed(rate float64, warmup, steps int, fall func(x float64) float64) Schedule {
	return func(step int) float64 {
		switch {
		case step < warmup:
			return rate * float64(step+1) / float64(warmup)
		case step >= steps:
			return 0
		}
		return rate * fall(float64(step-warmup)/float64(steps-warmup))
	}
}
