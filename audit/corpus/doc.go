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
// the layout alone: separators, brackets, lengths and the white space around a completion. Filters
// and templates change the layout more than writers do. The prompt is never a feature.
//
// # Outcomes
//
// The arms are [Distinguishable] if the content or the layout tells them apart (two tests, adjusted
// by Holm). If the content does, a third test says whether the content differs given the layout.
// They are [NotDistinguishable] if the intervals of both areas are within the margin and a positive
// control was found. A difference is not a trait: most differences do not change a student's
// traits.
//
// # Validity
//
// The unit is the cluster: copies of a row, or the rows of one conversation. Clusters with the same
// prompts are exchangeable under the null, and permutations exchange them. The statistic needs no
// folds, so the p-value does not depend on a split. It is exact for content and layout, and
// approximate for the content given the layout: there, a linear regression removes the layout from
// the features and from the arms.
//
// Areas (AUROC) come from cross-validation, repeated with other folds and averaged. Rows that share
// a prompt, a content or a cluster are held out together, and so are rows that a chain of these
// links. Nothing is chosen on the compared data. [Train] chooses the penalty of its regression, and
// validates it by nested cross-validation.
//
// If the arms share no prompts, a difference of writers cannot be told from a difference of
// prompts, and the outcome is never Distinguishable.
package corpus
