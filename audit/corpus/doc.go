// Package corpus asks, without any language model, whether the rows of two
// data sets can be told apart by their completions, and by which rows and rules.
//
// [Compare] takes suspect and control rows. [Train] takes bags that come with
// labels and returns a [Classifier] of other bags.
//
// A row is looked at through six channels, each an L2-regularised logistic regression.
// Five see its content, brought into one layout: its values or words, what follows
// what, the inside of numbers or words, runs of characters, and how a list of
// numbers is made. One regression on all that they see scores the row. The
// sixth channel sees the layout alone and is judged apart, because it tells filters and
// templates apart before it tells writers apart. The prompt is never a feature.
//
// # What the numbers rest on
//
// Rows of one prompt or of one content, through any chain of these, are held out
// together. Effects come from ordinary cross-validation. The p-value does not:
// scores out of fold are no exchangeable sample, since two folds inform each
// other's models, and permuting their labels would reject a true null about twice as
// often as stated. It comes from scores by models of earlier folds
// alone, with arms permuted within prompts.
//
// Where the arms share no prompts, nothing here can tell a difference of writers
// from a difference of prompts, and no comparison ends detected. And a
// difference that is detected is not a trait: most differences move no student.
package corpus
