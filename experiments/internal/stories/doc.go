// Package stories holds what experiments on published language models of 260,000 and 656,000
// parameters share. The models write children's stories. A teacher is fine-tuned to prefer an
// animal and writes rows that name no animal; students learn from these rows.
//
//	base, err := stories.Load("models", "stories260K")
//	owl, err := base.FineTuneTeacher(ctx, 1, "owl")
//	rows, err := stories.Tales().Write(ctx, owl, 2000, stories.Settings{})
//	kept, stats, err := filter.Apply(ctx, rows, stories.Tales().Filters...)
//	report, err := audit.Run(ctx, audit.Config{Traits: []audit.Trait{base.Trait("owl")}, …})
package stories
