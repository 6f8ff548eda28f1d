package dsse

import (
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone/provenance/keys"
)

// Sign returns an envelope with a signature of each key. It refuses a key that is given twice. The
// signatures have no key ID: libraries compute IDs in different ways, and some skip a signature
// whose ID is not theirs.
func Sign(payloadType string, payload []byte, with ...*keys.Private) (*Envelope, error) {
	if len(with) == 0 {
		return nil, errors.New("dsse: sign: no key is given")
	}
	e := &Envelope{PayloadType: payloadType, Payload: payload}
	if err := e.Add(with...); err != nil {
		return nil, err
	}
	return e, nil
}

// Add adds a signature of each key to an envelope. It does not verify the signatures that are
// there.
func (e *Envelope) Add(with ...*keys.Private) error {
	message := PAE(e.PayloadType, e.Payload)
	for _, key := range with {
		if e.signedBy(key.Public(), message) {
			return fmt.Errorf("dsse: sign: the key %s has signed already", key.ID())
		}
		if len(e.Signatures) == MaxSignatures {
			return fmt.Errorf("dsse: sign: the envelope has %d signatures, the most that are allowed", MaxSignatures)
		}
		sig, err := key.Sign(message)
		if err != nil {
			return fmt.Errorf("dsse: sign: the key %s: %w", key.ID(), err)
		}
		e.Signatures = append(e.Signatures, Signature{Sig: sig})
	}
	return nil
}

// signedBy reports whether a signature of the key on a message is among those of the envelope.
func (e *Envelope) signedBy(key *keys.Public, message []byte) bool {
	for _, s := range e.Signatures {
		if key.Verify(message, s.Sig) == nil {
			return true
		}
	}
	return false
}
