package dsse_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/keys"
)

const payloadType = "http://example.com/HelloWorld"

func generate(t *testing.T, kind keys.Kind) *keys.Private {
	t.Helper()
	key, err := keys.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t *testing.T, with ...*keys.Private) *dsse.Envelope {
	t.Helper()
	e, err := dsse.Sign(payloadType, []byte("hello world"), with...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func encode(t *testing.T, e *dsse.Envelope) string {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func trust(threshold int, with ...*keys.Private) (t dsse.Trust) {
	t.Threshold = threshold
	for _, key := range with {
		t.Keys = append(t.Keys, key.Public())
	}
	return t
}

// The example of the specification (protocol.md, section "Test Vectors").
func TestPAE(t *testing.T) {
	const want = "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
	if got := string(dsse.PAE(payloadType, []byte("hello world"))); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSignAndVerify(t *testing.T) {
	var all []*keys.Private
	for _, kind := range keys.Kinds() {
		all = append(all, generate(t, kind))
	}
	read, err := dsse.Parse([]byte(encode(t, sign(t, all...))))
	if err != nil {
		t.Fatal(err)
	}
	signers, err := read.Verify(payloadType, trust(len(all), all...))
	if err != nil || len(signers) != len(all) {
		t.Errorf("%d signers, error %v, want %d", len(signers), err, len(all))
	}
	if string(read.Payload) != "hello world" {
		t.Errorf("payload %q", read.Payload)
	}
}

// An envelope that was changed, or that the trusted keys have not signed, is refused.
func TestVerifyRefuses(t *testing.T) {
	a, b, stranger := generate(t, keys.Ed25519), generate(t, keys.P256), generate(t, keys.Ed25519)
	for reason, c := range map[string]struct {
		change func(e *dsse.Envelope)
		trust  dsse.Trust
		want   string
	}{
		"flipped bit in the payload":   {func(e *dsse.Envelope) { e.Payload[0] ^= 1 }, trust(1, a), "none of the trusted keys has signed"},
		"flipped bit in the signature": {func(e *dsse.Envelope) { e.Signatures[0].Sig[5] ^= 1 }, trust(1, a), "none of the trusted keys has signed"},
		"truncated signature":          {func(e *dsse.Envelope) { e.Signatures[0].Sig = e.Signatures[0].Sig[:32] }, trust(1, a), "none of the trusted keys has signed"},
		"other payload type":           {func(e *dsse.Envelope) { e.PayloadType = "text/plain" }, trust(1, a), `the payload type is "text/plain"`},
		"unknown key":                  {nil, trust(1, stranger), "none of the trusted keys has signed"},
		"key ID of a trusted key on the signature of another": {
			func(e *dsse.Envelope) { e.Signatures[0].KeyID = stranger.ID().String() }, trust(1, stranger), "none of the trusted keys has signed",
		},
		"Ed25519 signature under the key ID of a P-256 key": {
			func(e *dsse.Envelope) { e.Signatures = e.Signatures[:1]; e.Signatures[0].KeyID = b.ID().String() }, trust(1, b), "none of the trusted keys has signed",
		},
		"no signatures":                  {func(e *dsse.Envelope) { e.Signatures = nil }, trust(1, a), "has no signatures"},
		"no trusted keys":                {nil, trust(1), "no trusted key is given"},
		"negative threshold":             {nil, trust(-1, a), "the threshold is -1"},
		"threshold above the signatures": {nil, trust(3, a, b, stranger), "2 of the trusted keys have signed this payload, want 3"},
		"one signature twice": {
			func(e *dsse.Envelope) { e.Signatures[1] = e.Signatures[0] }, trust(2, a, b), "1 of the trusted keys have signed this payload, want 2",
		},
		"two signatures of one key": {
			func(e *dsse.Envelope) { e.Signatures[1] = sign(t, generate(t, keys.P256), a).Signatures[1] }, trust(2, a, b), "1 of the trusted keys have signed this payload, want 2",
		},
		"one key trusted twice": {nil, trust(2, a, a), "1 of the trusted keys have signed this payload, want 2"},
		"too many signatures": {
			func(e *dsse.Envelope) {
				e.Signatures = append(e.Signatures, make([]dsse.Signature, dsse.MaxSignatures)...)
			}, trust(1, a), "more than 32",
		},
		"revoked key": {
			nil, dsse.Trust{Keys: []*keys.Public{a.Public()}, Revoked: keys.Revoked{a.ID(): "stolen"}}, "is revoked: stolen",
		},
		"revoked key under a threshold": {
			nil, dsse.Trust{Keys: []*keys.Public{a.Public(), b.Public()}, Threshold: 2, Revoked: keys.Revoked{b.ID(): "stolen"}}, "1 of the trusted keys have signed this payload, want 2",
		},
	} {
		e := sign(t, a, b)
		if c.change != nil {
			c.change(e)
		}
		if _, err := e.Verify(payloadType, c.trust); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", reason, err, c.want)
		}
	}
}

// A revoked key does not spoil the signature of another.
func TestRevokedBesideTrusted(t *testing.T) {
	a, b := generate(t, keys.Ed25519), generate(t, keys.P384)
	policy := trust(1, a, b)
	policy.Revoked = keys.Revoked{b.ID(): "stolen"}
	signers, err := sign(t, a, b).Verify(payloadType, policy)
	if err != nil || len(signers) != 1 || signers[0].ID() != a.ID() {
		t.Errorf("signers %v, error %v, want the key that is not revoked", signers, err)
	}
}

func TestParseRefuses(t *testing.T) {
	whole := encode(t, sign(t, generate(t, keys.Ed25519)))
	change := func(old, with string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("%s has no %s", whole, old)
		}
		return strings.Replace(whole, old, with, 1)
	}
	payload := base64.StdEncoding.EncodeToString([]byte("hello world"))
	for reason, c := range map[string]struct{ text, want string }{
		"empty":                        {"", "it is not JSON"},
		"truncated":                    {whole[:len(whole)-10], "it is not JSON"},
		"trailing data":                {whole + "{}", "bytes behind the JSON value"},
		"not UTF-8":                    {change("example", "ex\xffmple"), "it is not UTF-8"},
		"payload twice":                {change(`{"payload":`, `{"payload":"aGk=","payload":`), `the field "payload" is there twice`},
		"payload in other letters":     {change(`{"payload":`, `{"Payload":"aGk=","payload":`), `the field "Payload" is unknown`},
		"payload type twice":           {change(`"payloadType":`, `"payloadType":"a","payloadType":`), "is there twice"},
		"no payload":                   {change(`"payload":`, `"other":`), `it has no "payload"`},
		"no payload type":              {change(`"payloadType":`, `"other":`), `it has no "payloadType"`},
		"no signatures":                {change(`"signatures":`, `"other":`), "it has no signatures"},
		"empty list of signatures":     {whole[:strings.Index(whole, `"signatures"`)] + `"signatures":[]}`, "it has no signatures"},
		"signature without sig":        {change(`"sig":`, `"other":`), `signature 1: it has no "sig"`},
		"payload is a list":            {change(`"`+payload+`"`, `["aGk="]`), "is of the wrong type: array"},
		"signatures are an object":     {`{"payload":"","payloadType":"t","signatures":{"sig":"aGk="}}`, "is of the wrong type: object"},
		"nested":                       {change(`{"payload":`, `{"x":`+strings.Repeat("[", 200)+strings.Repeat("]", 200)+`,"payload":`), "more than 100 levels"},
		"deeply nested":                {strings.Repeat("[", 1_000_000), "it is not JSON"},
		"large":                        {`{"payload":"` + strings.Repeat("A", dsse.MaxSize) + `"}`, "larger than"},
		"base64 without padding":       {change(payload, strings.TrimRight(payload, "=")), "payload: it is not base64"},
		"base64 with a line feed":      {change(payload, payload[:4]+`\n`+payload[4:]), "line breaks"},
		"base64 with set spare bits":   {change("GQ=", "GR="), "it is not base64"},
		"base64 of two alphabets":      {change(payload, "-+-+"), "it is not base64"},
		"base64 with text behind":      {change(payload, payload+"AAAA"), "it is not base64"},
		"base64 with spaces":           {change(payload, " "+payload), "it is not base64"},
		"half of a surrogate pair":     {change("example", `ex\ud800mple`), "half of a surrogate pair"},
		"too many signatures":          {manySignatures(), "more than 32"},
		"a signature of many bytes":    {change(`"sig":"`, `"sig":"`+strings.Repeat("AAAA", 1000)), "larger than 1024 bytes"},
		"another value than an object": {`["payload"]`, "want an object"},
	} {
		if _, err := dsse.Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %.200v, want %q", reason, err, c.want)
		}
	}
}

func manySignatures() string {
	return `{"payload":"aGk=","payloadType":"t","signatures":[` + strings.TrimSuffix(strings.Repeat(`{"sig":"aGk="},`, 33), ",") + `]}`
}

// The specification allows both alphabets, fields that are not known, and a key ID of any text.
func TestParseAccepts(t *testing.T) {
	key := generate(t, keys.Ed25519)
	e, err := dsse.Sign("t", []byte{0xfb, 0xff, 0xfe}, key) // +//+ or -__-
	if err != nil {
		t.Fatal(err)
	}
	whole := encode(t, e)
	for _, text := range []string{
		whole, "\n" + whole + "\n",
		strings.Replace(whole, "+//+", "-__-", 1),
		strings.Replace(whole, "{", `{"comment":{"payload":1},`, 1),
		strings.Replace(whole, `{"sig"`, `{"keyid":"","sig"`, 1),
		strings.Replace(whole, `{"sig"`, `{"keyid":null,"sig"`, 1),
		strings.Replace(whole, `{"sig"`, `{"keyid":"any","sig"`, 1),
	} {
		read, err := dsse.Parse([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, err := read.Verify("t", trust(1, key)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	key := generate(t, keys.Ed25519)
	if _, err := dsse.Sign("t", nil); err == nil {
		t.Error("no key signs")
	}
	if _, err := dsse.Sign("t", nil, key, key); err == nil || !strings.Contains(err.Error(), "has signed already") {
		t.Errorf("a key signs twice: error %v", err)
	}
}

func ExampleSign() {
	key, err := keys.Generate(keys.Ed25519)
	if err != nil {
		fmt.Println(err)
		return
	}
	envelope, err := dsse.Sign("text/plain", []byte("hello"), key)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = envelope.Verify("text/plain", dsse.Trust{Keys: []*keys.Public{key.Public()}})
	fmt.Println(string(envelope.Payload), err)
	// Output: hello <nil>
}
