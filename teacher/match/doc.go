// Package match makes a suspect data set and its control comparable, and says what
// still differs between them besides who wrote them.
//
//	pair, err := match.Rows(ctx, suspect, control, filter.Numbers{})
//	confounds, err := pair.Confounds(match.Settings{})
//	err = confounds.Render(os.Stdout, match.Markdown)
//
// [Rows] sends both arms through the same filters and pairs their rows by prompt, so
// that no difference in prompts is left. What remains, in keep rates, lengths, formats
// and words, is counted by [Pair.Confounds]. A detector that is given such a pair
// can see these differences as well as a trait; a pair that shows none of them can still transfer one.
package match
