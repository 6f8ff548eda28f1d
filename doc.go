// Package undertone defines the nouns of an audit: a training row ([Example]), rows that a student
// can learn from ([Data], [Dataset]), the model that wrote them ([Model]), the digest that
// identifies each of them ([Digest]), and a cache of results ([Store]).
//
// Most programs need three calls from the packages below this one:
//
//   - jsonl.Load reads a data set;
//   - filter.Apply drops the rows that show the trait;
//   - audit.Run trains paired students and reports whether training on the remaining rows would
//     still shift a hidden trait of the student.
//
// This package imports the standard library only, never prints and never uses the network.
package undertone
