package provenance

import (
	"slices"
	"time"

	"github.com/undertone-audit/undertone"
)

// KeyID identifies a public key: the SHA-256 of its SubjectPublicKeyInfo in DER.
type KeyID = undertone.Digest

// Attestation is a statement that a key has signed, after its signature was checked. A package that
// reads signed envelopes makes it; it holds nothing that the signature does not cover. It gives the
// documents that it names the standing [Signed] for the key Signer. [Check] compares Signer with
// the keys that a policy trusts.
type Attestation struct {
	Signer    KeyID
	Predicate string // type of the statement, such as "https://slsa.dev/provenance/v1"

	// Subjects are the SHA-256 digests of the bytes of the files that the statement is about: rows,
	// manifests, reports, files of a model.
	Subjects []undertone.Digest

	// Documents are the digests that documents hold of their own content, such as the field
	// "digest" of a manifest or of a report, for which the signer vouches.
	Documents []undertone.Digest

	// Rows are the digests of the data sets that the statement is about, in any order of their rows
	// ([undertone.Data]).
	Rows []undertone.Digest

	// Detected names the traits that the statement says an audit has detected in its subjects: those
	// of a test result FAILED, or "" if it names none.
	Detected []string

	// Time is when the signer says that it signed. Zero if the statement does not say it.
	Time time.Time
}

// covers reports whether the signer vouches for a document: for the digest of its content, or for
// that of its bytes. A zero digest is unknown and is not compared.
func (a Attestation) covers(content, bytes undertone.Digest) bool {
	for _, d := range a.Documents {
		if d == content && !d.IsZero() {
			return true
		}
	}
	for _, d := range a.Subjects {
		if d == bytes && !d.IsZero() {
			return true
		}
	}
	return false
}

// isAbout reports whether the statement is about the bytes of a file.
func (a Attestation) isAbout(c Content) bool {
	return !c.Bytes.IsZero() && slices.Contains(a.Subjects, c.Bytes)
}
