package keys_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance/keys"
)

func generate(t *testing.T, kind keys.Kind) *keys.Private {
	t.Helper()
	key, err := keys.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Keys go through their files, and a signature of one kind verifies under its own key alone.
func TestSignAndVerify(t *testing.T) {
	message := []byte("message")
	var all []*keys.Public
	var sigs [][]byte
	for _, kind := range keys.Kinds() {
		made := generate(t, kind)
		text, err := made.PEM()
		if err != nil {
			t.Fatal(err)
		}
		private, err := keys.ParsePrivate(text)
		if err != nil {
			t.Fatal(err)
		}
		public, err := keys.ParsePublic(made.Public().PEM())
		if err != nil {
			t.Fatal(err)
		}
		if public.ID() != private.ID() || public.Kind() != kind {
			t.Errorf("%s: the public key is %s %s, that of the private key %s", kind, public.Kind(), public.ID(), private.ID())
		}
		sig, err := private.Sign(message)
		if err != nil {
			t.Fatal(err)
		}
		all, sigs = append(all, public), append(sigs, sig)
	}
	for i, public := range all {
		for k, sig := range sigs {
			if err := public.Verify(message, sig); (err == nil) != (i == k) {
				t.Errorf("the signature of %s under %s: error %v", all[k].Kind(), public.Kind(), err)
			}
		}
		if public.Verify([]byte("massage"), sigs[i]) == nil {
			t.Errorf("%s: the signature verifies for another message", public.Kind())
		}
	}
}

// The ID is that of openssl pkey -pubin -outform DER | sha256sum, and the hint that of sha256sum of
// the PEM file. The key is that of the tests of the reference implementation of OpenSSF Model
// Signing, whose bundles have this hint.
func TestIDAndHint(t *testing.T) {
	text, err := os.ReadFile("../oms/testdata/reference/signing-key-pub.pem")
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys.ParsePublic(text)
	if err != nil {
		t.Fatal(err)
	}
	if want := "e8450dec4eb99dae995da9af1bc2cc9f76ed669ee2e744f57abba763df3e3f8e"; key.Hint() != want {
		t.Errorf("hint %s, want %s", key.Hint(), want)
	}
	block, _ := pem.Decode(text[bytes.Index(text, []byte("-----BEGIN")):])
	if want := sha256.Sum256(block.Bytes); key.ID() != want {
		t.Errorf("ID %s, want %x", key.ID(), want)
	}
}

func publicPEM(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func TestRefusedKeys(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0") // so that the test can make the weak key
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	weakDER, err := x509.MarshalPKCS8PrivateKey(weak)
	if err != nil {
		t.Fatal(err)
	}
	good := generate(t, keys.Ed25519)
	private, err := good.PEM()
	if err != nil {
		t.Fatal(err)
	}
	order4 := make(ed25519.PublicKey, ed25519.PublicKeySize)
	for reason, c := range map[string]struct {
		text, want string
		private    bool
	}{
		"RSA":                  {publicPEM(t, &weak.PublicKey), "an RSA key of 1024 bits", false},
		"private RSA":          {string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: weakDER})), "an RSA key of 1024 bits", true},
		"P-224":                {publicPEM(t, &p224.PublicKey), "the curve P-224", false},
		"small order":          {publicPEM(t, order4), "small order", false},
		"not PEM":              {"key", "it is not PEM", false},
		"empty":                {"", "it is not PEM", true},
		"two keys":             {string(good.Public().PEM()) + string(good.Public().PEM()), "more than one PEM block", false},
		"private as public":    {string(private), `the PEM block is a "PRIVATE KEY"`, false},
		"public as private":    {string(good.Public().PEM()), "it is a public key", true},
		"encrypted PKCS #8":    {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "it is encrypted", true},
		"encrypted PEM":        {"-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n", "it is encrypted", true},
		"certificate":          {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", `the PEM block is a "CERTIFICATE"`, false},
		"DER with another end": {strings.Replace(string(good.Public().PEM()), "MC", "MD", 1), "asn1", false},
		"large":                {strings.Repeat("x", 1<<17), "more than the 65536 of a key", false},
	} {
		var err error
		if c.private {
			_, err = keys.ParsePrivate([]byte(c.text))
		} else {
			_, err = keys.ParsePublic([]byte(c.text))
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", reason, err, c.want)
		}
	}
}

// A point of small order accepts signatures that were made without a private key. The test makes
// them: S = 0 and R the neutral element, so that the equation holds for one message in 8 or more.
func TestSmallOrderPointsAreDangerous(t *testing.T) {
	for _, y := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		key, err := hex.DecodeString(y)
		if err != nil {
			t.Fatal(err)
		}
		forged := make([]byte, ed25519.SignatureSize)
		forged[0] = 1 // R is the neutral element
		found := false
		for i := range 200 {
			found = found || ed25519.Verify(key, fmt.Append(nil, i), forged)
		}
		if !found {
			t.Errorf("%s: no forged signature verifies, so that the point need not be refused", y)
		}
		for _, sign := range []byte{0, 0x80} {
			key[31] = key[31]&0x7f | sign
			if _, err := keys.NewPublic(ed25519.PublicKey(key)); err == nil {
				t.Errorf("%x is accepted", key)
			}
		}
	}
}

// No format of a private key shows it.
func TestPrivateKeysAreNotShown(t *testing.T) {
	for _, kind := range keys.Kinds() {
		key := generate(t, kind)
		text, err := key.PEM()
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(text)
		var shown strings.Builder
		fmt.Fprintf(&shown, "%v %+v %#v %s %d %x %q", key, key, key, key, key, key, key)
		fmt.Fprintf(&shown, "%v %+v", struct{ Key *keys.Private }{key}, []*keys.Private{key})
		slog.New(slog.NewTextHandler(&shown, nil)).Info("signing", "key", key)
		slog.New(slog.NewJSONHandler(&shown, nil)).Info("signing", "key", key)
		if err := json.NewEncoder(&shown).Encode(map[string]any{"key": key}); err != nil {
			t.Fatal(err)
		}
		secret := block.Bytes[len(block.Bytes)-16:]
		if kind != keys.Ed25519 {
			secret = block.Bytes[40:56] // in the private number
		}
		for _, form := range []string{fmt.Sprintf("%x", secret[:4]), fmt.Sprintf("%d %d %d", secret[0], secret[1], secret[2]), string(secret[:4])} {
			if strings.Contains(shown.String(), form) {
				t.Errorf("%s: a format shows the private key: %s", kind, shown.String())
			}
		}
		if !strings.Contains(shown.String(), key.ID().String()) {
			t.Errorf("%s: no format shows the ID", kind)
		}
	}
}

func TestRevoked(t *testing.T) {
	key, other := generate(t, keys.Ed25519).Public(), generate(t, keys.P256).Public()
	list, err := keys.ReadRevoked(strings.NewReader("# keys of 2026\n\n" + key.ID().String() + "\tlost with a laptop\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := list.Check(key); err == nil || !strings.Contains(err.Error(), "is revoked: lost with a laptop") {
		t.Errorf("a revoked key: error %v", err)
	}
	if err := list.Check(other); err != nil {
		t.Errorf("another key: error %v", err)
	}
	for _, text := range []string{"sha256:abc", strings.ToUpper(key.ID().String()), key.ID().String()[7:], key.ID().String() + " " + other.ID().String(), strings.Repeat("x", 10_000)} {
		if _, err := keys.ReadRevoked(strings.NewReader(text)); err == nil {
			t.Errorf("%.40q is read as a list of revoked keys", text)
		}
	}
}
