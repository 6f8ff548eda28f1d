package intoto

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"testing"

	theirs "github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/secure-systems-lab/go-securesystemslib/signerverifier"

	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/keys"
)

const payloadType = "application/vnd.in-toto+json"

// pair is a key for both libraries.
type pair struct {
	name   string
	ours   *keys.Private
	theirs theirs.SignerVerifier
}

// pairs returns a key of each kind. The other library reads the same PEM.
func pairs(t *testing.T) (all []pair) {
	t.Helper()
	for _, kind := range keys.Kinds() {
		key, err := keys.Generate(kind)
		if err != nil {
			t.Fatal(err)
		}
		text, err := key.PEM()
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := signerverifier.LoadKey(text)
		if err != nil {
			t.Fatal(err)
		}
		var other theirs.SignerVerifier
		if kind == keys.Ed25519 {
			other, err = signerverifier.NewED25519SignerVerifierFromSSLibKey(loaded)
		} else {
			other, err = signerverifier.NewECDSASignerVerifierFromSSLibKey(loaded)
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pair{string(kind), key, other})
	}
	return all
}

// What this library signs, the other verifies.
func TestTheirsVerifiesOurs(t *testing.T) {
	for _, p := range pairs(t) {
		e, err := dsse.Sign(payloadType, []byte("payload"), p.ours)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var read theirs.Envelope
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		verifier, err := theirs.NewEnvelopeVerifier(p.theirs)
		if err != nil {
			t.Fatal(err)
		}
		if accepted, err := verifier.Verify(t.Context(), &read); err != nil || len(accepted) != 1 {
			t.Errorf("%s: accepted by %d keys, error %v", p.name, len(accepted), err)
		}
		read.Payload = "AAAA"
		if _, err := verifier.Verify(t.Context(), &read); err == nil {
			t.Errorf("%s: a changed payload is accepted", p.name)
		}
	}
}

// What the other library signs, this one verifies.
func TestOursVerifiesTheirs(t *testing.T) {
	all := pairs(t)
	var trust dsse.Trust
	var signers []theirs.Signer
	for _, p := range all {
		trust.Keys = append(trust.Keys, p.ours.Public())
		signers = append(signers, p.theirs)
	}
	trust.Threshold = len(all)
	signer, err := theirs.NewEnvelopeSigner(signers...)
	if err != nil {
		t.Fatal(err)
	}
	made, err := signer.SignPayload(t.Context(), payloadType, []byte("payload"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	e, err := dsse.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if signed, err := e.Verify(payloadType, trust); err != nil || len(signed) != len(all) {
		t.Errorf("signed by %d keys, error %v, want %d", len(signed), err, len(all))
	}
	e.Payload[0] ^= 1
	if _, err := e.Verify(payloadType, trust); err == nil {
		t.Error("a changed payload is accepted")
	}
}

// Both libraries encode what is signed in the same way.
func TestPAE(t *testing.T) {
	for _, payload := range []string{"", "hello", "a b", "\x00\xff", "é\n"} {
		if got, want := string(dsse.PAE(payloadType, []byte(payload))), string(theirs.PAE(payloadType, []byte(payload))); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// rawSigner signs with a key of the standard library under a key ID of its choice.
type rawSigner struct {
	key  crypto.Signer
	hash crypto.Hash
	id   string
}

func (r rawSigner) Sign(_ context.Context, data []byte) ([]byte, error) {
	if r.hash == 0 {
		return r.key.Sign(nil, data, r.hash)
	}
	h := r.hash.New()
	h.Write(data)
	return r.key.Sign(rand.Reader, h.Sum(nil), r.hash)
}

func (r rawSigner) KeyID() (string, error) { return r.id, nil }

// A signature with another algorithm than that of the trusted key is refused, whatever the key ID
// says.
func TestAlgorithmConfusion(t *testing.T) {
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	trusted := func(key crypto.PublicKey) *keys.Public {
		public, err := keys.NewPublic(key)
		if err != nil {
			t.Fatal(err)
		}
		return public
	}
	edwardsKey, p256Key := trusted(edwards.Public()), trusted(p256.Public())
	for reason, c := range map[string]struct {
		signer rawSigner
		trust  *keys.Public
	}{
		"Ed25519 signature under the ID of P-256": {rawSigner{edwards, 0, p256Key.ID().String()}, p256Key},
		"P-256 signature under the ID of Ed25519": {rawSigner{p256, crypto.SHA256, edwardsKey.ID().String()}, edwardsKey},
		"P-256 signature over SHA-512":            {rawSigner{p256, crypto.SHA512, p256Key.ID().String()}, p256Key},
	} {
		signer, err := theirs.NewEnvelopeSigner(c.signer)
		if err != nil {
			t.Fatal(err)
		}
		made, err := signer.SignPayload(t.Context(), payloadType, []byte("payload"))
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(made)
		if err != nil {
			t.Fatal(err)
		}
		e, err := dsse.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Verify(payloadType, dsse.Trust{Keys: []*keys.Public{c.trust}}); err == nil {
			t.Errorf("%s is accepted", reason)
		}
	}
}
