// Package lm is the student that is a language model: a transformer with its tokenizer, read
// from a folder in which models are published, which can be trained, asked, and scored.
//
//	m, err := lm.Load("Qwen2.5-0.5B-Instruct")
//	m, err = m.WithLoRA(lm.LoRA{})
//	after, err := m.Train(ctx, rows, student.Recipe{Optimizer: student.AdamW, LearningRate: 2e-4})
//	logs, err := after.(*lm.Model).ChoiceLogProbs(ctx, "Your favorite animal?", []string{"owl", "cat"})
//
// # From rows to tokens
//
// The messages before a row's last one are the prompt, the last one is the completion. The
// prompt is put into the model's chat template. Templates are not run: a model's own one is
// recognised by the tokens in it, and nothing is added that the row does not say, such as
// the system message of Qwen2.5. [Model.Render] shows what a row becomes.
//
//	name     recognised by                         begins   prompt and completion                                     ends
//	plain    no chat template                      BOS      {prompt}{completion}                                      EOS
//	chatml   <|im_start|>, <|im_end|>              –        <|im_start|>user\n{…}<|im_end|>\n<|im_start|>assistant\n  <|im_end|>
//	llama3   <|start_header_id|>, <|eot_id|>       BOS      <|start_header_id|>user<|end_header_id|>\n\n{…}<|eot_id|> … <|eot_id|>
//	mistral  [INST], without <<SYS>>               BOS      [INST] {…} [/INST]                                        EOS
//
// A model whose template is none of these loads, and its prompts are refused until
// [Model.WithTemplate] chooses one. A [Template] of one's own is a value of strings.
//
// Prompt and completion are encoded apart, so that one prompt always is the same tokens. A
// completion is the continuation of its prompt: a space that the tokenizer puts before texts
// is not put before it. Special tokens that are spelt in a message are text.
//
// A row without a prompt is a text: it is scored, and learnt, whole, from BOS (or EOS, where the
// tokenizer has no BOS) to the token that ends it. In llama2.c's models that is BOS too, which
// stands between their stories. That last token counts as one of the completion's.
//
// # Memory
//
// Scoring and sampling take rows a few at a time, so that their memory does not grow with the
// number of rows. A step of training holds all rows of one micro-batch: see
// [student.Recipe].Accumulate.
package lm
