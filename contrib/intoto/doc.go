// Package intoto holds no code. Its tests compare the envelopes and statements of package
// provenance with the Go modules attestation of in-toto and go-securesystemslib, in both
// directions. It is a module of its own, so that the library does not require theirs.
package intoto
