// Package tensor is a small float32 engine for training on a CPU: contiguous row-major tensors and
// a tape for reverse-mode automatic differentiation.
//
// Operations are methods of a [Tape]. A tape made with the parameters of a model records what is
// computed from them; [Tape.Backward] then walks the record in reverse. Gradients are stored in the
// tape and not in the tensors, so any number of tapes, each in its own goroutine, can share
// parameters while no goroutine writes to them. A nil tape computes and records nothing.
//
//	tape := tensor.NewTape(w, b)
//	for range steps {
//		tape.Reset()
//		loss := tape.CrossEntropy(tape.Linear(x, w, b), labels)
//		tape.Backward(loss)
//		opt.Step(tape.Leaves(), tape.Grads())
//	}
//
// Results of operations are in the memory of the tape, which [Tape.Reset] reuses: in a loop of
// equal steps only the first one allocates. To keep a result longer, copy it with [Tensor.Clone].
//
// Package nn builds layers of these operations, package optim updates parameters by their
// gradients, and package shard divides a batch between several tapes, because one tape is for one
// goroutine.
//
// A wrong shape is a mistake of the program: operations panic with a [*ShapeError].
package tensor
