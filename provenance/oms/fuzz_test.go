package oms

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/intoto"
	"github.com/undertone-audit/undertone/provenance/keys"
)

// recorded returns the texts of the recorded bundles.
func recorded(f *testing.F) (all [][]byte) {
	paths, err := filepath.Glob("testdata/reference/recorded/*.sig")
	if err != nil || len(paths) == 0 {
		f.Fatal("no recorded bundles:", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, text)
	}
	return all
}

// No bundle is signed by a key that did not sign it.
func FuzzParse(f *testing.F) {
	key, err := keys.Generate(keys.P256)
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range recorded(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := Parse(text)
		if (b == nil) == (err == nil) {
			t.Fatalf("bundle %v, error %v", b, err)
		}
		if err != nil {
			return
		}
		if _, _, err := b.Verify(dsse.Trust{Keys: []*keys.Public{key.Public()}}); err == nil {
			t.Fatal("a key has signed what it has not seen")
		}
	})
}

// A manifest that is read names files of the folder alone.
func FuzzManifest(f *testing.F) {
	for _, text := range recorded(f) {
		var b struct {
			Envelope struct{ Payload string } `json:"dsseEnvelope"`
		}
		if err := json.Unmarshal(text, &b); err != nil {
			f.Fatal(err)
		}
		payload, err := base64.StdEncoding.DecodeString(b.Envelope.Payload)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := intoto.ParseStatement(text)
		if err != nil {
			return
		}
		m, err := manifestOf(s)
		if err != nil {
			return
		}
		for _, r := range m.Resources {
			file, err := m.Serialization.fileOf(r.Name)
			if err != nil || file != singleFile && !filepath.IsLocal(filepath.FromSlash(file)) {
				t.Fatalf("the resource %q is not in the folder: %v", r.Name, err)
			}
		}
		if err := m.check(t.Context(), filepath.Join("testdata", "reference", "recorded", "model"), nil); err == nil && len(m.Resources) == 0 {
			t.Fatal("a manifest without files describes a folder")
		}
	})
}
