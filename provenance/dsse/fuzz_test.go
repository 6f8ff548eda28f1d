package dsse_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/keys"
)

// An envelope that is read is written and read again as itself, and no text is signed by a key that
// did not sign it.
func FuzzParse(f *testing.F) {
	key, err := keys.Generate(keys.Ed25519)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"payload":"aGk=","payloadType":"t","signatures":[{"keyid":"k","sig":"aGk="}]}`))
	f.Add([]byte(`{"payload":"-_-_","payloadType":"t","signatures":[{"sig":"AA=="},{"sig":"AA=="}],"x":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := dsse.Parse(text)
		if (e == nil) == (err == nil) {
			t.Fatalf("envelope %v, error %v", e, err)
		}
		if err != nil {
			return
		}
		if _, err := e.Verify(e.PayloadType, dsse.Trust{Keys: []*keys.Public{key.Public()}}); err == nil {
			t.Fatal("a key has signed what it has not seen")
		}
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		read, err := dsse.Parse(again)
		if err != nil || !bytes.Equal(read.Payload, e.Payload) || len(read.Signatures) != len(e.Signatures) {
			t.Fatalf("%s becomes %v, error %v", again, read, err)
		}
	})
}
