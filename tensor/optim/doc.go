// Package optim holds the update rules that train a fixed list of parameters, schedules of their
// learning rates, and gradient clipping.
//
//	rate := optim.Cosine(3e-4, 100, steps)
//	opt := &optim.AdamW{WeightDecay: 0.1}
//	for step := range steps {
//		// … tape.Backward(loss)
//		optim.ClipNorm(tape.Grads(), 1)
//		opt.LearningRate = rate(step)
//		opt.Step(tape.Leaves(), tape.Grads())
//	}
//
// Memory in bytes a parameter, besides 4 for itself and 4 for its gradient on every tape that
// watches it:
//
//	SGD                0
//	SGD with Momentum  4
//	Adam, AdamW        8
//
// Only the first Step allocates it.
package optim
