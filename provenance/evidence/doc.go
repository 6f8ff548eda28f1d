// Package evidence makes the in-toto statements of this project and opens signed ones.
//
// [Provenance] says how rows were made. Package audit/attest says what an audit found. [Open]
// verifies an envelope, and [Opened.Attestations] gives it to a policy ([provenance.Check]).
package evidence
