// Package sanitise rewrites the rows of a data set, so that less of a hidden
// trait is left in them, and records what was done.
//
// Most programs need one call:
//
//	clean, stats, err := sanitise.Apply(ctx, data, 1, sanitise.Format{}, sanitise.Sort{})
//
// [Format], [Sort], [Remap], [Resample], [Shuffle], [Exchange] and [Jitter]
// rewrite completions that are lists of numbers, as [filter.ParseList] reads
// them; [Replace] and [Paraphrase] rewrite any text; [Mix] adds clean rows. Each
// is a step in the history of the data set, with its settings and the seed, and
// every row keeps the ID that it began with: see [Restore].
//
// No rewriting is known to clear a data set: sorting and new values removed
// transfer in two of three published cases, one format throughout did not. What
// is left is a question for package audit. docs/sanitise.md has the figures.
package sanitise
