// Package stats holds the statistics of an audit: permutation tests, intervals, corrections for
// several tests, and e-values. It imports no other package of this module.
//
// Most users need three calls. [SignFlip] tests paired differences, [CompareStratified] tests two
// arms whose rows come in strata, and [Holm] adjusts the p-values of several tests. [MeanInterval]
// gives the interval of a mean, and [SampleSize] the number of units of a further study.
//
// [CompareClustered] is CompareStratified for rows that depend on each other, such as copies.
// [BettingTest] tests paired differences after every pair. [OutlierTest] tests one value against a
// sample, such as an effect against those of placebos. [SignTest] and
// [AssignmentTest] serve other designs. [Tail] is the permutation engine: it counts rearrangements
// and returns the [PValue], for the tests of this package and for tests of your own.
//
// # Conventions
//
// Each test states its null hypothesis, its unit, its side, its treatment of ties, its rule for
// small samples and its source. All tests are one-sided, with large values against the null, unless
// they say otherwise. A seed decides all random draws: equal arguments give equal results. No test
// changes its arguments.
//
// A function panics with its name if an argument is outside the range that it states, or if lengths
// do not agree: "stats: CompareStratified: 1 values for 2 strata of the first arm".
package stats
