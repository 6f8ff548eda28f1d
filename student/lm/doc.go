// Package lm provides language models that can be trained, sampled and scored: a transformer with
// its tokenizer, read from a folder of published files.
//
//	m, err := lm.Load("Qwen2.5-0.5B-Instruct")
//	m, err = m.WithLoRA(lm.LoRA{})
//	after, err := m.Train(ctx, rows, student.Recipe{Optimizer: student.AdamW, LearningRate: 2e-4})
//	logs, err := after.(*lm.Model).ChoiceLogProbs(ctx, "Favorite animal?", []string{"owl", "cat"})
//
// # From rows to tokens
//
// The last message of a row is the completion; the messages before it are the prompt, which is put
// into the model's chat template. The library does not run the template programs of models: it
// recognises a template by its tokens, and adds nothing that the row does not contain, such as the
// default system message of Qwen2.5. [Model.Render] shows what a row becomes.
//
//	name     recognised by                         begins   prompt and completion                                     ends
//	plain    no chat template                      BOS      {prompt}{completion}                                      EOS
//	chatml   <|im_start|>, <|im_end|>              –        <|im_start|>user\n{…}<|im_end|>\n<|im_start|>assistant\n  <|im_end|>
//	llama3   <|start_header_id|>, <|eot_id|>       BOS      <|start_header_id|>user<|end_header_id|>\n\n{…}<|eot_id|> … <|eot_id|>
//	mistral  [INST], without <<SYS>>               BOS      [INST] {…} [/INST]                                        EOS
//
// A model with another template loads, but refuses prompts until [Model.WithTemplate] sets a
// template. A [Template] is a value of strings, so a caller can define one.
//
// Prompt and completion are encoded separately, so a prompt always has the same tokens. The
// completion continues the prompt: it does not get the space that some tokenizers put before a
// text. Special tokens that are spelled out in a message are encoded as text.
//
// A row without a prompt is a text. All of it is scored and trained on, from BOS (or EOS, if the
// tokenizer has no BOS) to the token that ends a completion. In the models of llama2.c that token
// is BOS too, because it separates their stories. The last token is part of the completion.
//
// # Adapters
//
// [Model.WithAdapter] reads LoRA in the format of Hugging Face's PEFT, and [Model.SaveAdapter]
// writes it. docs/models.md lists the fields that are read and those that are refused.
//
// # Memory
//
// Scoring and sampling process a few rows at a time, so their memory does not grow with the number
// of rows. A training step holds all rows of one micro-batch: see [student.Recipe].Accumulate.
package lm
