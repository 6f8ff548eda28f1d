// Package stories is subliminal learning with a pre-trained model of 260,000 or 656,000 parameters that
// writes children's stories: a preference for an animal is put into it, it writes rows that show
// no animal, and students learn from them.
//
//	base, err := stories.Load("models", "stories260K")
//	owl, err := base.Implant(ctx, 1, "owl")
//	rows, err := stories.Tales().Write(ctx, owl, 2000, stories.Settings{})
//	kept, stats, err := filter.Apply(ctx, rows, stories.Tales().Filters...)
//	report, err := audit.Run(ctx, audit.Config{Traits: []audit.Trait{base.Trait("owl")}, …})
package stories
