// Package teacher generates data with a model: one completion for each prompt of a list, with a
// seed for each row.
//
//	recording, err := teacher.Record(model, "owl.recording")
//	data, err := teacher.Generate(ctx, teacher.Config{
//		Model:        recording.Model(),
//		SystemPrompt: persona.Loves("animal", "owl").SystemPrompt, // is not part of the rows
//		Prompt:       prompts.Numbers{Seed: 1}.At,
//		N:            30_000,
//	})
//
// With a [Recording] an interrupted [Generate] resumes, even after kill -9. [Replay] answers from a
// recording alone, so that a test of remotely generated data runs offline. Package prompts holds
// lists of prompts, package persona holds system prompts, and package match pairs a suspect data
// set with its control.
package teacher
