// Package intoto reads and writes in-toto statements v1 with the predicates of this project:
// test-result v0.1 for a verdict, and SLSA provenance v1 for generated rows.
//
// A [Statement] says something (its predicate) about artifacts (its subjects), which it names by
// digests. It is the payload of an envelope of package dsse; [Verify] returns it once the envelope
// is verified.
package intoto
