package dsse

import (
	"errors"
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance/keys"
)

// Trust says whose signatures count.
type Trust struct {
	Keys      []*keys.Public // trusted keys; a key that is given twice counts once
	Threshold int            // different keys that must have signed, >= 1 (default 1)
	Revoked   keys.Revoked   // keys whose signatures do not count (default none)
}

// Verify checks that the payload has the type payloadType and that enough trusted keys have signed
// it. It returns these keys. Signatures of other keys do not matter.
func (e *Envelope) Verify(payloadType string, trust Trust) ([]*keys.Public, error) {
	signers, err := e.verify(payloadType, trust)
	if err != nil {
		return nil, fmt.Errorf("dsse: verify: %w", err)
	}
	return signers, nil
}

func (e *Envelope) verify(payloadType string, trust Trust) ([]*keys.Public, error) {
	threshold := max(trust.Threshold, 1)
	switch {
	case trust.Threshold < 0:
		return nil, fmt.Errorf("the threshold is %d, want >= 1", trust.Threshold)
	case len(trust.Keys) == 0:
		return nil, errors.New("no trusted key is given")
	case e.PayloadType != payloadType:
		return nil, fmt.Errorf("the payload type is %.80q, want %q", e.PayloadType, payloadType)
	case len(e.Signatures) == 0:
		return nil, errors.New("the envelope has no signatures")
	case len(e.Signatures) > MaxSignatures:
		return nil, fmt.Errorf("the envelope has %d signatures, more than %d", len(e.Signatures), MaxSignatures)
	}
	signers, revoked := e.signers(trust)
	if len(signers) >= threshold {
		return signers, nil
	}
	problems := append([]string{e.shortfall(len(signers), threshold)}, revoked...)
	return nil, errors.New(strings.Join(problems, "; "))
}

// signers returns the trusted keys that have signed and are not revoked, each once, and what is
// said about those that are revoked.
func (e *Envelope) signers(trust Trust) (signers []*keys.Public, revoked []string) {
	message := PAE(e.PayloadType, e.Payload)
	seen := map[undertone.Digest]bool{}
	for _, key := range trust.Keys {
		if seen[key.ID()] || !e.signedBy(key, message) {
			continue
		}
		seen[key.ID()] = true
		if err := trust.Revoked.Check(key); err != nil {
			revoked = append(revoked, err.Error())
			continue
		}
		signers = append(signers, key)
	}
	return signers, revoked
}

// shortfall says that too few keys have signed, and which keys the envelope names, if any.
func (e *Envelope) shortfall(n, threshold int) string {
	var names []string
	for _, s := range e.Signatures {
		if s.KeyID != "" {
			names = append(names, fmt.Sprintf("%.80q", s.KeyID))
		}
	}
	said := "none of the trusted keys has signed this payload"
	if threshold > 1 {
		said = fmt.Sprintf("%d of the trusted keys have signed this payload, want %d", n, threshold)
	}
	if len(names) > 0 {
		said += "; the envelope names the keys " + strings.Join(names, ", ")
	}
	return said
}
