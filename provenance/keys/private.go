package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Private is a key that signs. Its formats (%v, %+v, %#v, JSON, slog) show the ID of the public key
// and nothing of the private one. The zero value is not usable.
type Private struct {
	signer crypto.Signer
	public *Public
}

// Generate returns a new key from the random numbers of the system.
func Generate(kind Kind) (*Private, error) {
	if kind == Ed25519 {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return newPrivate(key)
	}
	c, ok := curves[kind]
	if !ok {
		_, err := ParseKind(string(kind))
		return nil, err
	}
	key, err := ecdsa.GenerateKey(c.curve, rand.Reader)
	if err != nil {
		return nil, err
	}
	return newPrivate(key)
}

func newPrivate(signer crypto.Signer) (*Private, error) {
	public, err := NewPublic(signer.Public())
	if err != nil {
		return nil, err
	}
	return &Private{signer, public}, nil
}

// The labels of private keys in PEM.
const (
	pemPKCS8 = "PRIVATE KEY"
	pemSEC1  = "EC PRIVATE KEY"
)

// ParsePrivate reads a private key in PEM that is not encrypted. Errors hold nothing of the key.
func ParsePrivate(text []byte) (*Private, error) {
	private, err := parsePrivate(text)
	if err != nil {
		return nil, fmt.Errorf("keys: private key: %w", err)
	}
	return private, nil
}

func parsePrivate(text []byte) (*Private, error) {
	block, err := onlyBlock(withoutParameters(text))
	if err != nil {
		return nil, err
	}
	var key any
	switch {
	case strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "":
		return nil, errors.New("it is encrypted; decrypt it first, for example with openssl pkey")
	case block.Type == pemPublic:
		return nil, errors.New("it is a public key; name the file without .pub")
	case block.Type == pemPKCS8:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case block.Type == pemSEC1:
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("the PEM block is a %.40q, want %q or %q", block.Type, pemPKCS8, pemSEC1)
	}
	if err != nil {
		return nil, unknownCurve(err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("it is a key of an unknown kind; %s", makeKey)
	}
	return newPrivate(signer)
}

// withoutParameters removes the block of curve parameters that "openssl ecparam -genkey" writes
// before the key.
func withoutParameters(text []byte) []byte {
	if len(text) <= maxPEM {
		if block, rest := pem.Decode(text); block != nil && block.Type == "EC PARAMETERS" {
			return rest
		}
	}
	return text
}

// Public returns the key that checks the signatures of p.
func (p *Private) Public() *Public { return p.public }

// ID returns the [Public.ID] of the public key.
func (p *Private) ID() undertone.Digest { return p.public.ID() }

// Sign returns a signature on a message. An ECDSA signature is in ASN.1 DER.
func (p *Private) Sign(message []byte) ([]byte, error) {
	if p.public.kind == Ed25519 {
		return p.signer.Sign(nil, message, crypto.Hash(0))
	}
	return p.signer.Sign(rand.Reader, hashed(p.public.kind, message), curves[p.public.kind].hash)
}

// PEM returns the private key as a PEM block in PKCS #8. Whoever reads it can sign.
func (p *Private) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(p.signer)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemPKCS8, Bytes: der}), nil
}

// String returns the ID of the public key.
func (p *Private) String() string { return "private key " + p.ID().String() }

// Format implements [fmt.Formatter] for all verbs by [Private.String].
func (p *Private) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

// MarshalText implements [encoding.TextMarshaler] by [Private.String].
func (p *Private) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// LogValue implements [slog.LogValuer] by [Private.String].
func (p *Private) LogValue() slog.Value { return slog.StringValue(p.String()) }
