package dsse

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone/internal/strictjson"
)

// Envelope is a payload with signatures.
type Envelope struct {
	PayloadType string
	Payload     []byte
	Signatures  []Signature
}

// Signature is one signature of an envelope.
type Signature struct {
	KeyID string // a hint, which no signature covers; may be empty
	Sig   []byte
}

// The limits of an envelope.
const (
	MaxSize       = 16 << 20 // bytes of JSON
	MaxSignatures = 32
	maxSignature  = 1 << 10 // bytes of one signature
)

// envelopeJSON is the JSON form of an [Envelope].
type envelopeJSON struct {
	Payload     *string         `json:"payload"`
	PayloadType *string         `json:"payloadType"`
	Signatures  []signatureJSON `json:"signatures"`
}

type signatureJSON struct {
	KeyID string  `json:"keyid,omitempty"`
	Sig   *string `json:"sig"`
}

// Parse reads the JSON form of an envelope, of at most [MaxSize] bytes and [MaxSignatures]
// signatures. It refuses text that two readers could understand in different ways. Unknown fields
// are ignored, as the specification demands. Nothing is verified.
func Parse(text []byte) (*Envelope, error) {
	e := new(Envelope)
	if err := e.UnmarshalJSON(text); err != nil {
		return nil, fmt.Errorf("dsse: envelope: %w", err)
	}
	return e, nil
}

// UnmarshalJSON implements [json.Unmarshaler] by the rules of [Parse].
func (e *Envelope) UnmarshalJSON(text []byte) error {
	var read envelopeJSON
	if err := strictjson.Decode(text, MaxSize, &read); err != nil {
		return err
	}
	switch {
	case read.PayloadType == nil || *read.PayloadType == "":
		return errors.New(`it has no "payloadType"`)
	case read.Payload == nil:
		return errors.New(`it has no "payload"`)
	case len(read.Signatures) == 0:
		return errors.New("it has no signatures")
	case len(read.Signatures) > MaxSignatures:
		return fmt.Errorf("it has %d signatures, more than %d", len(read.Signatures), MaxSignatures)
	}
	payload, err := decodeBase64(*read.Payload)
	if err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	made := Envelope{PayloadType: *read.PayloadType, Payload: payload}
	for i, s := range read.Signatures {
		sig, err := s.decode()
		if err != nil {
			return fmt.Errorf("signature %d: %w", i+1, err)
		}
		made.Signatures = append(made.Signatures, Signature{s.KeyID, sig})
	}
	*e = made
	return nil
}

func (s signatureJSON) decode() ([]byte, error) {
	if s.Sig == nil || *s.Sig == "" {
		return nil, errors.New(`it has no "sig"`)
	}
	if len(*s.Sig) > base64.StdEncoding.EncodedLen(maxSignature) {
		return nil, fmt.Errorf("it is larger than %d bytes", maxSignature)
	}
	return decodeBase64(*s.Sig)
}

// MarshalJSON implements [json.Marshaler].
func (e Envelope) MarshalJSON() ([]byte, error) {
	payload := base64.StdEncoding.EncodeToString(e.Payload)
	made := envelopeJSON{Payload: &payload, PayloadType: &e.PayloadType, Signatures: []signatureJSON{}}
	for _, s := range e.Signatures {
		sig := base64.StdEncoding.EncodeToString(s.Sig)
		made.Signatures = append(made.Signatures, signatureJSON{s.KeyID, &sig})
	}
	return json.Marshal(made)
}

// decodeBase64 decodes the standard or the URL-safe alphabet, with padding. The text must be the
// only one of its bytes: no line feeds, no set bits behind the last byte.
func decodeBase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("its base64 has line breaks")
	}
	encoding := base64.StdEncoding
	if strings.ContainsAny(text, "-_") {
		encoding = base64.URLEncoding
	}
	raw, err := encoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("it is not base64 with padding: %w", err)
	}
	return raw, nil
}
