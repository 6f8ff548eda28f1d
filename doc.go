// Package undertone holds the nouns of an audit: a training row ([Example]),
// rows that a student can learn from ([Data], [Dataset]), the model that wrote
// them ([Model]), and the content digest that names each of them ([Digest]).
//
// Most programs need three calls from the packages below this one:
//
//   - jsonl.Load reads a data set;
//   - filter.Apply drops the rows that show the trait;
//   - audit.Run trains paired students and says whether what is left would
//     still move a hidden trait of the student.
//
// This package imports the standard library only, never prints and never
// reads the network.
package undertone
