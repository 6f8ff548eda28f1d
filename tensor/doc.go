// Package tensor is a small float32 engine for training on a CPU: contiguous
// row-major tensors and a tape of reverse-mode automatic differentiation.
//
// Operations are methods of a [Tape]. A tape made with the parameters of a
// model records what is computed from them; [Tape.Backward] then walks the
// record in reverse. Gradients live in the tape and never in the tensors, so
// that any number of tapes, each in a goroutine of its own, can share
// parameters that nobody writes to. A nil tape computes and records nothing.
//
//	tape := tensor.NewTape(w, b)
//	for range steps {
//		tape.Reset()
//		loss := tape.CrossEntropy(tape.Linear(x, w, b), labels)
//		tape.Backward(loss)
//		opt.Step(tape.Leaves(), tape.Grads())
//	}
//
// Results of operations live in the tape's memory, which [Tape.Reset] takes
// back: a loop of equal steps allocates nothing after its first one. What is
// needed for longer is copied with [Tensor.Clone].
//
// Package nn builds layers of these operations, package optim updates parameters by
// their gradients, and package shard spreads a batch over processors: one tape is
// one goroutine.
//
// Shape mistakes are mistakes of the program: they panic with a [*ShapeError].
package tensor
