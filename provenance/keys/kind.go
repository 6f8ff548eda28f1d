package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"slices"
	"strings"
)

// Kind is a kind of key.
type Kind string

// The kinds of keys. A signature of an ECDSA key is over the hash whose size fits the curve.
const (
	Ed25519 Kind = "ed25519" // RFC 8032
	P256    Kind = "p256"    // ECDSA with SHA-256
	P384    Kind = "p384"    // ECDSA with SHA-384
	P521    Kind = "p521"    // ECDSA with SHA-512
)

// Kinds returns all kinds; the first is the default.
func Kinds() []Kind { return []Kind{Ed25519, P256, P384, P521} }

// ParseKind returns the kind of a name.
func ParseKind(name string) (Kind, error) {
	if k := Kind(name); slices.Contains(Kinds(), k) {
		return k, nil
	}
	names := make([]string, 0, len(Kinds()))
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	return "", fmt.Errorf("keys: the kind %.40q is not known; want %s", name, strings.Join(names, ", "))
}

// curves are the curves of the ECDSA kinds, with the hash that is signed.
var curves = map[Kind]struct {
	curve elliptic.Curve
	hash  crypto.Hash
}{
	P256: {elliptic.P256(), crypto.SHA256},
	P384: {elliptic.P384(), crypto.SHA384},
	P521: {elliptic.P521(), crypto.SHA512},
}

// kindOf returns the kind of a public key, or the reason why the key is refused.
func kindOf(key crypto.PublicKey) (Kind, error) {
	switch key := key.(type) {
	case ed25519.PublicKey:
		if smallOrder(key) {
			return "", fmt.Errorf("it is a weak key: the Ed25519 point has a small order, so that a signature verifies for any message; %s", makeKey)
		}
		return Ed25519, nil
	case *ecdsa.PublicKey:
		for kind, c := range curves {
			if key.Curve == c.curve {
				return kind, nil
			}
		}
		return "", fmt.Errorf("it is a weak or unknown key: ECDSA on the curve %s, want P-256, P-384 or P-521; %s", key.Curve.Params().Name, makeKey)
	case *rsa.PublicKey:
		return "", fmt.Errorf("it is an RSA key of %d bits; RSA is not accepted; %s", key.N.BitLen(), makeKey)
	}
	return "", fmt.Errorf("it is a key of an unknown kind (%T); %s", key, makeKey)
}

const makeKey = "want an Ed25519 or ECDSA key"
