// Package filter drops the rows of a data set that show a trait or break a format, and reports the
// reasons for each row.
//
// Most programs need one call:
//
//	kept, stats, err := filter.Apply(ctx, data, filter.Numbers{}, filter.Words("owl"))
//
// [Stream] filters rows that do not fit into memory, and [Each] filters files on all cores.
// [Numbers] is the published filter of number sequences, with the published settings as its zero
// value; docs/filters.md states its rule and how each unclear point of it was read. [Words] finds
// words in plain text, [Encoded] finds them in codes, and [Lexicon] returns words for published
// traits. A new filter is any type with the two methods of [Filter]; package filtertest checks it.
//
// A row that passes a filter is less likely to carry a trait, but it is not cleared. Arms of an
// experiment must pass the same filters. A keep rate that differs between them is itself a signal:
// see [Stats].
//
// [Code], [Reasoning], [Length] and [Script] judge a row alone, [Duplicates] and [NearDuplicates]
// compare it with the rows before it, and [CompareArms] compares the prompts of two arms. A [Judge]
// is a model that becomes a filter when it passes its calibration. Package sanitise rewrites rows.
package filter
