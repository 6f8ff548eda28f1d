// Package corpus asks, without any language model, whether the rows of two
// data sets can be told apart by their completions, and by which rows and rules.
//
// [Compare] takes suspect and control rows. [Train] takes bags that come with
// labels and returns a [Classifier] of other bags.
package corpus
