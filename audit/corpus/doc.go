// Package corpus tests, without any language model, whether the rows of two data sets can be told
// apart by their completions, and shows by which rows and features.
//
// [Compare] compares suspect rows with control rows, and [Detector] runs Compare in an audit.
// [Train] trains a [Classifier] on labelled bags of rows, which scores other bags.
//
// A row has six feature channels, each with an L2-regularised logistic regression. Five channels
// observe the content in one layout for all rows: its values or words, what follows what, the
// digits of numbers or the affixes of words, runs of characters, and the structure of a list of
// numbers. One regression on the features of these five scores the row. The sixth channel observes
// the layout alone. It is judged apart, because filters and templates change the layout more than
// writers do. The prompt is never a feature.
//
// # Validity
//
// Rows that share a prompt or a content are held out together, and so are rows that are linked by a
// chain of shared prompts and contents. Effects come from ordinary cross-validation. P-values do
// not: out-of-fold scores are not exchangeable, because the rows of two folds train each other's
// models, and permuting their labels rejects a true null about twice as often as stated. P-values
// come from scores by models of earlier folds alone, with arms permuted within prompts.
//
// If the arms share no prompts, a difference of writers cannot be told from a difference of
// prompts, and the outcome is never [Differ]. A difference is not a trait: most differences do not
// change a student's traits.
package corpus
