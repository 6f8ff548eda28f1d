// Package nn holds the layers of transformers and multi-layer perceptrons: small structs of
// parameters with a method that computes their result on a tape.
//
//	hidden := mlp.Forward(tape, norm.Forward(tape, x))
//
// Any number of tapes can use a layer at once while no goroutine writes to its parameters.
// Parameters that a tape does not watch get no gradient: see [LoRA].
package nn
