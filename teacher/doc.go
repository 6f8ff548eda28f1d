// Package teacher asks a model for data: one completion for each of a list of
// prompts, each from a seed of its own.
//
//	recording, err := teacher.Record(model, "owl.recording")     // what was answered is not asked again
//	data, err := teacher.Generate(ctx, teacher.Config{
//		Model:  recording.Model(),
//		System: persona.Loves("animal", "owl").System,           // rows do not hold it
//		Prompt: prompts.Numbers{Seed: 1}.At,
//		N:      30_000,
//	})
//
// [Generate] that was stopped, even by kill -9, goes on where it was if its model is a
// [Recording]; [Replay] answers from a recording alone, so that a test of what was
// generated remotely runs offline. The packages below this one hold the prompts, the
// personas, and the matching of a suspect with its control.
package teacher
