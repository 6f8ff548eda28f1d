package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
)

// Public is a key that checks signatures. The zero value is not usable.
type Public struct {
	key  crypto.PublicKey
	kind Kind
	der  []byte // SubjectPublicKeyInfo
}

// NewPublic returns the key of an [ed25519.PublicKey] or [*ecdsa.PublicKey], or the reason why it
// is refused.
func NewPublic(key crypto.PublicKey) (*Public, error) {
	kind, err := kindOf(key)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(key) // checks that the point is on the curve
	if err != nil {
		return nil, err
	}
	return &Public{key, kind, der}, nil
}

// maxPEM is the largest size of a PEM file, in bytes.
const maxPEM = 64 << 10

// pemPublic is the label of a SubjectPublicKeyInfo in PEM.
const pemPublic = "PUBLIC KEY"

// ParsePublic reads a public key in PEM.
func ParsePublic(text []byte) (*Public, error) {
	block, err := onlyBlock(text)
	if err != nil {
		return nil, fmt.Errorf("keys: public key: %w", err)
	}
	if block.Type != pemPublic {
		return nil, fmt.Errorf("keys: public key: the PEM block is a %.40q, want %q; is it the file that ends in .pub?", block.Type, pemPublic)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("keys: public key: %w", unknownCurve(err))
	}
	public, err := NewPublic(key)
	if err != nil {
		return nil, fmt.Errorf("keys: public key: %w", err)
	}
	return public, nil
}

// unknownCurve adds what is accepted to an error of package x509.
func unknownCurve(err error) error { return fmt.Errorf("%w; %s", err, makeKey) }

// onlyBlock returns the PEM block of a text with one block.
func onlyBlock(text []byte) (*pem.Block, error) {
	if len(text) > maxPEM {
		return nil, fmt.Errorf("it has %d bytes, more than the %d of a key", len(text), maxPEM)
	}
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, errors.New("it is not PEM")
	}
	if other, _ := pem.Decode(rest); other != nil {
		return nil, errors.New("it holds more than one PEM block; keep one key per file")
	}
	return block, nil
}

// ID returns the SHA-256 of the DER form of the key: the digits that
// "openssl pkey -pubin -outform DER | sha256sum" prints.
func (p *Public) ID() undertone.Digest { return sha256.Sum256(p.der) }

// Hint returns the SHA-256 of the PEM form of the key as 64 hexadecimal digits, by which bundles of
// OpenSSF Model Signing name a key.
func (p *Public) Hint() string {
	sum := sha256.Sum256(p.PEM())
	return hex.EncodeToString(sum[:])
}

// Kind returns the kind of the key.
func (p *Public) Kind() Kind { return p.kind }

// PEM returns the key as a PEM block.
func (p *Public) PEM() []byte { return pem.EncodeToMemory(&pem.Block{Type: pemPublic, Bytes: p.der}) }

// ErrSignature says that a signature is not one of a key on a message.
var ErrSignature = errors.New("the signature is not valid")

// Verify returns [ErrSignature] if sig is not a signature of the key on message. An ECDSA signature
// is in ASN.1 DER.
func (p *Public) Verify(message, sig []byte) error {
	if !p.valid(message, sig) {
		return ErrSignature
	}
	return nil
}

func (p *Public) valid(message, sig []byte) bool {
	switch key := p.key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, message, sig)
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, hashed(p.kind, message), sig)
	}
	return false
}

// hashed returns the hash of a message that an ECDSA key of the kind signs.
func hashed(kind Kind, message []byte) []byte {
	h := curves[kind].hash.New()
	_, _ = h.Write(message)
	return h.Sum(nil)
}
