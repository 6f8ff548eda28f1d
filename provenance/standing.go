package provenance

import "fmt"

// Standing says how far a reader may rely on a statement about data. It is the result of a check by
// the program that reads the statement, and is never read from a file: a file that calls itself
// verified makes a claim. This is the only definition; the rest of the package refers to it.
//
//   - A statement is Verified if this program has recomputed it from bytes that it read in this
//     run, and the result is equal: the digest and the size of a file, the number of its rows,
//     their Merkle root, the digests of a model that was loaded.
//   - A statement is Signed if it is not verified, and an [Attestation] whose signature was
//     checked covers the document that makes it. The policy says which keys it trusts. A signature
//     says who makes the statement, and not that it is true.
//   - Every other statement is Claimed: it is written in a manifest and nothing more.
//
// What cannot be recomputed is never verified: a declared base, the counts of a filter that is not
// run again, the verdict of an audit that is not repeated.
type Standing int

// The standings, the weakest first. The zero value is Claimed.
const (
	Claimed Standing = iota
	Signed
	Verified
)

var standingNames = [...]string{"claimed", "signed", "verified"}

// String returns the standing in lower case.
func (s Standing) String() string {
	if s < 0 || int(s) >= len(standingNames) {
		return fmt.Sprintf("standing(%d)", int(s))
	}
	return standingNames[s]
}

// MarshalText implements [encoding.TextMarshaler].
func (s Standing) MarshalText() ([]byte, error) {
	if s < 0 || int(s) >= len(standingNames) {
		return nil, fmt.Errorf("provenance: %s is not known", s)
	}
	return []byte(s.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Standing) UnmarshalText(text []byte) error {
	for i, name := range standingNames {
		if string(text) == name {
			*s = Standing(i)
			return nil
		}
	}
	return fmt.Errorf("provenance: standing %.40q is unknown; want claimed, signed or verified", text)
}
