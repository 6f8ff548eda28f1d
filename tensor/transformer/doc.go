// Package transformer provides decoder-only language models, from token ids to the logits of the
// next token. Training, scoring and generation use one forward pass. It reads models whose blocks
// are variants of Llama's (Llama, Mistral, Qwen2, Qwen3, SmolLM, Gemma 1 to 3, Phi-3 and Phi-4,
// OLMo 2 and 3, Granite) and GPT-2.
//
//	m, err := transformer.Load("stories260K")
//	tape := tensor.NewTape(m.Params()...)
//	loss := m.Loss(tape, ids, targets, batch)
//	tape.Backward(loss)
//
// A [Session] keeps the keys and values of the texts that it has read, so it computes only new
// tokens.
//
// Weights that a file stores in 16 bits stay so in memory, and are not trained. [Model.WithLoRA]
// trains a change to them, [Model.ToFloat32] copies them to float32.
package transformer
