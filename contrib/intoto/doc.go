// Package intoto holds no code. Its tests compare the envelopes and statements of package
// provenance with the Go libraries of in-toto (github.com/in-toto/attestation) and of DSSE
// (github.com/secure-systems-lab/go-securesystemslib), in both directions. It is a module of its
// own, so that the library does not require theirs.
package intoto
