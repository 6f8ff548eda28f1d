// Package provenance says where training rows come from: which model wrote them, what filtered and
// rewrote them, which traits were tested, and how far each of these statements can be relied on.
//
// Most programs need four calls. [Read] reads the manifest beside a file of rows or a model.
// [TraceFile] checks it against the files, and returns the graph from the rows back to the base
// weights, each statement with its [Standing]. [ReadPolicy] reads what a pipeline demands, and
// [Check] returns every [Refusal] with its rule, its reason and a remedy. docs/provenance.md has
// the formats.
//
// The verbs of the command undertone write manifests. A program that writes rows itself makes one
// with [RowHasher], [NewManifest] and [Write].
package provenance
