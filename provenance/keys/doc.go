// Package keys reads, writes and generates the keys that sign attestations: Ed25519, and ECDSA on
// the curves P-256, P-384 and P-521. Keys are PEM files of the forms that OpenSSL writes: PKCS #8
// or SEC 1 for private keys, SubjectPublicKeyInfo for public ones. Other keys are refused with the
// reason: RSA, P-224, encrypted files, points of small order.
//
// The type of the key decides how a signature is made and checked. Nothing that a signature or an
// envelope says about an algorithm is used.
package keys
