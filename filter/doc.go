// Package filter drops the rows of a data set that show a trait or break a
// format, and says why each of them went.
//
// Most programs need one call:
//
//	kept, stats, err := filter.Apply(ctx, data, filter.Numbers{}, filter.Words("owl"))
//
// [Stream] does the same to rows that do not fit in memory. [Numbers] is the
// published filter of number sequences, with the published settings as its
// zero value; docs/filters.md states its rule and how each unclear point of
// it was read. [Words] finds words as people write them, [Encoded] as codes,
// and [Lexicon] has words for published traits. A new filter is any type with the two methods of [Filter].
//
// That a row passed a filter lowers the risk that it carries a trait; it
// never clears the row. Arms of an experiment must pass the same filters, and
// a keep rate that differs between them is itself a signal: see [Stats].
//
// [Code], [Reasoning], [Length] and [Script] look at a row alone, [Duplicates]
// and [NearDuplicates] at the rows before it, [CompareArms] at the prompts of
// two arms. A [Judge] is a model that becomes a filter by its calibration.
// Package sanitise, below this one, rewrites rows.
package filter
