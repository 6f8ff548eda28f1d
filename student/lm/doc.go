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
// The turns of the assistant are learnt and scored; the other messages are the prompt. The
// model's chat template puts them into one text: the template of its files, which package
// chattemplate renders as transformers does, or the template that [Model.WithTemplate] sets.
// [Model.Render] shows the text of a row, and [Model.Additions] says what the template adds that
// no message contains, such as the default system message of Qwen2.5.
//
//	name     begins   prompt and completion                                     ends
//	own      as the model's template says                                       with the first special token behind an answer
//	plain    BOS      {prompt}{completion}                                      EOS
//	chatml   –        <|im_start|>user\n{…}<|im_end|>\n<|im_start|>assistant\n  <|im_end|>
//	llama3   BOS      <|start_header_id|>user<|end_header_id|>\n\n{…}<|eot_id|> … <|eot_id|>
//	mistral  BOS      [INST] {…} [/INST]                                        EOS
//
// A model without a template is plain. A model whose template cannot be rendered, or in whose
// text an answer cannot be found, loads, but refuses prompts until [Model.WithTemplate] sets a
// template; [ReadTemplate] reads one from a file. A [Template] without a program is a value of
// strings, so a caller can define one.
//
// BOS comes once: from the template, or else where add_bos_token of tokenizer_config.json or the
// post-processor of tokenizer.json puts it. A prompt is asked with the text that precedes an
// answer in training, which may differ from the template's generation prompt. Spaces that the
// template writes before an answer belong to its first token. Text behind the token that ends the
// last answer is not part of a row.
//
// Prompt and completion are encoded separately, so a prompt always has the same tokens. The
// completion continues the prompt: it does not get the space that some tokenizers put before a
// text. Special tokens that are spelled out in a message are encoded as text.
//
// A row without a prompt is a text. All of it is scored and trained on, from BOS (or EOS, if the
// tokenizer has no BOS) to the token that ends a completion. In the models of llama2.c that token
// is BOS too, because it separates their stories. The last token is part of the completion.
//
// # Token IDs
//
// [Model.Complete] scores and completes tokens that a caller has encoded, with the ranks of tokens
// and the most likely tokens beside them; [Model.EncodePrompt] encodes a prompt. A server that
// speaks the protocol of vLLM, such as package remote/serve, needs no more.
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
