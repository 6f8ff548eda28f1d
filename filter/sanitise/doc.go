// Package sanitise rewrites the rows of a data set to reduce a hidden trait, and records the
// changes.
//
// Most programs need one call:
//
//	clean, stats, err := sanitise.Apply(ctx, data, 1, sanitise.Format{}, sanitise.Sort{})
//
// [Format], [Sort], [Remap], [Resample], [Shuffle], [Exchange] and [Jitter] rewrite completions
// that are lists of numbers, as [filter.ParseList] reads them. [Replace], [Omit] and [Paraphrase]
// rewrite any text. [Mix] adds clean rows. Each sanitiser is a step in the history of the data set,
// with its settings and the seed. Every row keeps its original ID in its metadata; see [Restore].
//
// No sanitiser is known to clear a data set. In two of three published cases, sorting and new
// values removed the transfer of the trait; one uniform format did not. Package audit measures what
// remains. docs/sanitise.md has the figures. Package filtertest checks implementations of
// [Sanitiser].
package sanitise
