// Package match pairs the rows of a suspect data set and of its control by prompt, and measures
// what still differs between the arms besides who wrote them.
//
//	pair, err := match.Rows(ctx, suspect, control, filter.Numbers{})
//	confounds, err := pair.Confounds(match.Settings{})
//	err = confounds.Markdown(os.Stdout)
//
// [Rows] applies the same filters to both arms and pairs their rows by prompt, so that the arms of
// the pair have equal prompts. [Pair.Confounds] compares keep rates, lengths, formats and words. A
// detector that receives the pair can detect these differences as well as a trait. A pair without
// any of them can still transfer a trait.
//
// This package describes a difference by its words and formats, each with a p-value. Whether two
// arms are equal enough for an audit is the question of package audit/confound, which compares them
// within margins, and which keeps the rows with which they agree.
package match
