package evidence

import (
	"encoding/hex"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance/intoto"
)

// File returns the descriptor of a file by the SHA-256 of its bytes. Content holds digests by other
// algorithms (may be nil).
func File(name string, bytes undertone.Digest, content intoto.DigestSet) intoto.ResourceDescriptor {
	d := intoto.ResourceDescriptor{Name: name, Digest: intoto.DigestSet{}}
	set(d.Digest, intoto.SHA256, bytes)
	for algorithm, value := range content {
		d.Digest[algorithm] = value
	}
	return d
}

// Digests returns a set of digests by algorithm. Digests that are zero, and so unknown, are left
// out.
func Digests(all map[string]undertone.Digest) intoto.DigestSet {
	made := intoto.DigestSet{}
	for algorithm, d := range all {
		set(made, algorithm, d)
	}
	return made
}

func set(in intoto.DigestSet, algorithm string, d undertone.Digest) {
	if !d.IsZero() {
		in[algorithm] = hex.EncodeToString(d[:])
	}
}

// digest returns the digest of an algorithm, or zero if there is none or it is no SHA-256.
func digest(set intoto.DigestSet, algorithm string) (d undertone.Digest) {
	raw, err := hex.DecodeString(set[algorithm])
	if err == nil && len(raw) == len(d) {
		copy(d[:], raw)
	}
	return d
}
