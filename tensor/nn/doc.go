// Package nn holds the layers of transformers and multi-layer perceptrons: small
// structs of parameters with a method that computes their result on a tape.
//
//	hidden := mlp.Forward(tape, norm.Forward(tape, x))
//
// Layers are read by any number of tapes at once, as long as nobody writes to
// their parameters. What a tape does not watch stays as it is: see [LoRA].
package nn
