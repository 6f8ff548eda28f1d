package oms

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/internal/strictjson"
	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/intoto"
	"github.com/undertone-audit/undertone/provenance/keys"
)

const (
	// PredicateType is the predicate type of the statement in a bundle.
	PredicateType = "https://model_signing/signature/v1.0"

	// MediaType is the media type of a bundle, which is a Sigstore bundle.
	MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"
)

// MaxSize is the largest size of a bundle, in bytes of JSON.
const MaxSize = dsse.MaxSize

// Bundle is a signed manifest.
type Bundle struct {
	hint     string // hash of the PEM form of the key; may be empty
	pem      []byte // the key itself, in bundles before version 1.1.0; may be empty
	envelope *dsse.Envelope
}

// bundleJSON is the JSON form of a [Bundle].
type bundleJSON struct {
	MediaType string         `json:"mediaType"`
	Material  *materialJSON  `json:"verificationMaterial"`
	Envelope  *dsse.Envelope `json:"dsseEnvelope"`
}

type materialJSON struct {
	PublicKey   *publicKeyJSON    `json:"publicKey,omitempty"`
	Chain       json.RawMessage   `json:"x509CertificateChain,omitempty"`
	Certificate json.RawMessage   `json:"certificate,omitempty"`
	LogEntries  []json.RawMessage `json:"tlogEntries"`
}

type publicKeyJSON struct {
	Hint     string `json:"hint,omitempty"`
	RawBytes []byte `json:"rawBytes,omitempty"`
}

// predicate is the predicate of the statement in a bundle.
type predicate struct {
	Serialization *Serialization `json:"serialization"`
	Resources     []Resource     `json:"resources"`
}

// Parse reads a bundle of at most [MaxSize] bytes of the method "key". It refuses text that two
// readers could understand in different ways. Nothing is verified.
func Parse(text []byte) (*Bundle, error) {
	b, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("oms: bundle: %w", err)
	}
	return b, nil
}

func parse(text []byte) (*Bundle, error) {
	var read bundleJSON
	if err := strictjson.Decode(text, MaxSize, &read); err != nil {
		return nil, err
	}
	m := read.Material
	switch {
	case read.MediaType != MediaType:
		return nil, fmt.Errorf("its media type is %.80q, want %q", read.MediaType, MediaType)
	case m == nil:
		return nil, errors.New("it has no verification material")
	case m.PublicKey == nil && (m.Chain != nil || m.Certificate != nil):
		return nil, errors.New("it was signed with a certificate; this version verifies the method \"key\" alone")
	case m.PublicKey == nil || m.PublicKey.Hint == "" && len(m.PublicKey.RawBytes) == 0:
		return nil, errors.New("its verification material names no public key")
	case read.Envelope == nil:
		return nil, errors.New("it has no envelope")
	case len(read.Envelope.Signatures) != 1:
		return nil, fmt.Errorf("its envelope has %d signatures, want 1", len(read.Envelope.Signatures))
	}
	return &Bundle{m.PublicKey.Hint, m.PublicKey.RawBytes, read.Envelope}, nil
}

// MarshalJSON implements [json.Marshaler].
func (b *Bundle) MarshalJSON() ([]byte, error) {
	return json.Marshal(bundleJSON{
		MediaType: MediaType,
		Material:  &materialJSON{PublicKey: &publicKeyJSON{b.hint, b.pem}, LogEntries: []json.RawMessage{}},
		Envelope:  b.envelope,
	})
}

// Sign signs a manifest. The key must be an ECDSA key, because the format has no other.
func (m *Manifest) Sign(key *keys.Private) (*Bundle, error) {
	b, err := m.sign(key)
	if err != nil {
		return nil, fmt.Errorf("oms: sign %s: %w", m.Name, err)
	}
	return b, nil
}

func (m *Manifest) sign(key *keys.Private) (*Bundle, error) {
	if err := checkKind(key.Public()); err != nil {
		return nil, err
	}
	if err := m.validate(); err != nil {
		return nil, err
	}
	root, err := m.Root()
	if err != nil {
		return nil, err
	}
	subject := intoto.ResourceDescriptor{Name: m.Name, Digest: intoto.DigestSet{intoto.SHA256: root}}
	s, err := intoto.NewStatement(PredicateType, predicate{&m.Serialization, m.Resources}, subject)
	if err != nil {
		return nil, err
	}
	envelope, err := s.Sign(key)
	if err != nil {
		return nil, err
	}
	return &Bundle{hint: key.Public().Hint(), envelope: envelope}, nil
}

// checkKind returns an error for a key that the format does not have.
func checkKind(key *keys.Public) error {
	if key.Kind() == keys.Ed25519 {
		return fmt.Errorf("the key %s is an Ed25519 key; OpenSSF Model Signing has ECDSA keys alone: %s, %s or %s", key.ID(), keys.P256, keys.P384, keys.P521)
	}
	return nil
}

// Verify checks that a trusted key has signed a bundle and that the bundle names this key. It
// returns the manifest, which the caller compares with the files ([Manifest.Check]), and the key.
func (b *Bundle) Verify(trust dsse.Trust) (*Manifest, *keys.Public, error) {
	m, key, err := b.verify(trust)
	if err != nil {
		return nil, nil, fmt.Errorf("oms: bundle: %w", err)
	}
	return m, key, nil
}

func (b *Bundle) verify(trust dsse.Trust) (*Manifest, *keys.Public, error) {
	if trust.Threshold > 1 {
		return nil, nil, fmt.Errorf("the threshold is %d, but a bundle has one signature", trust.Threshold)
	}
	trust.Keys = slices.DeleteFunc(slices.Clone(trust.Keys), func(k *keys.Public) bool { return checkKind(k) != nil })
	if len(trust.Keys) == 0 {
		return nil, nil, errors.New("none of the trusted keys is an ECDSA key, and the format has no others")
	}
	s, signers, err := intoto.Verify(b.envelope, trust, PredicateType)
	if err != nil {
		return nil, nil, err
	}
	key := signers[0]
	if b.hint != "" && b.hint != key.Hint() || len(b.pem) > 0 && strings.TrimSpace(string(b.pem)) != strings.TrimSpace(string(key.PEM())) {
		return nil, nil, fmt.Errorf("it names another public key than %s, which has signed it", key.ID())
	}
	m, err := manifestOf(s)
	if err != nil {
		return nil, nil, err
	}
	return m, key, nil
}

// manifestOf returns the manifest of a statement.
func manifestOf(s *intoto.Statement) (*Manifest, error) {
	if len(s.Subject) != 1 {
		return nil, fmt.Errorf("its statement has %d subjects, want 1", len(s.Subject))
	}
	var p predicate
	if err := strictjson.Decode(s.Predicate, MaxSize, &p); err != nil {
		return nil, fmt.Errorf("predicate: %w", err)
	}
	if p.Serialization == nil {
		return nil, errors.New("predicate: it has no serialization")
	}
	m := &Manifest{Name: s.Subject[0].Name, Serialization: *p.Serialization, Resources: p.Resources}
	if err := m.validate(); err != nil {
		return nil, fmt.Errorf("predicate: %w", err)
	}
	root, err := m.Root()
	if err != nil {
		return nil, err
	}
	if want := s.Subject[0].Digest[intoto.SHA256]; root != want {
		return nil, fmt.Errorf("its root digest is %.64q, but the digests of its resources give %q", want, root)
	}
	return m, nil
}
