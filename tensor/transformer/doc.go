// Package transformer is the decoder-only language model: token ids in, logits of
// the next token out. One definition of the forward pass serves training, scoring
// and generation, for the models of the Llama family (Llama, Mistral, Qwen2, Qwen3,
// SmolLM, TinyStories) and GPT-2.
//
//	m, err := transformer.Load("stories260K")
//	tape := tensor.NewTape(m.Params()...)
//	loss := m.Loss(tape, ids, targets, batch)
//	tape.Backward(loss)
//
// A [Session] remembers the keys and values of the texts that it has read, so that
// their next tokens cost no more than themselves.
//
// Weights that a file stores in 16 bits stay so in memory; they are read, never
// trained. [Model.WithLoRA] trains a change to them, [Model.ToFloat32] copies them to float32.
package transformer
