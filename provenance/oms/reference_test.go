package oms_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/keys"
	"github.com/undertone-audit/undertone/provenance/oms"
)

const reference = "testdata/reference"

// opened reads and verifies a bundle of a file with the key of a file.
func opened(bundle, key string) (*oms.Manifest, error) {
	text, err := os.ReadFile(bundle)
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(key)
	if err != nil {
		return nil, err
	}
	public, err := keys.ParsePublic(pem)
	if err != nil {
		return nil, err
	}
	b, err := oms.Parse(text)
	if err != nil {
		return nil, err
	}
	m, _, err := b.Verify(dsse.Trust{Keys: []*keys.Public{public}})
	return m, err
}

// The bundles that model-signing 1.1.1 made of a folder verify; .ci/signers records them.
func TestRecordedBundles(t *testing.T) {
	dir := filepath.Join(reference, "recorded")
	for _, kind := range []string{"p256", "p384", "p521"} {
		for _, size := range []string{"0", "4"} {
			m, err := opened(filepath.Join(dir, kind+"-"+size+".sig"), filepath.Join(dir, kind+".pub"))
			if err == nil {
				err = m.Check(t.Context(), filepath.Join(dir, "model"))
			}
			if err != nil {
				t.Errorf("%s, parts of %s bytes: %v", kind, size, err)
			}
		}
	}
}

// The bundles of earlier versions of the reference implementation, from its repository
// (github.com/sigstore/model-transparency, scripts/tests), verify with the arguments of its tests.
func TestReleasedBundles(t *testing.T) {
	for version, c := range map[string]struct {
		path string
		skip []string
	}{
		"v0.3.1": {"signme-1", nil}, "v1.0.0": {"signme-1", nil},
		"v1.0.1": {".", []string{"ignore-me", "model.sig"}}, "v1.1.0": {".", []string{"model.sig"}},
	} {
		dir := filepath.Join(reference, "released", version)
		m, err := opened(filepath.Join(dir, "model.sig"), filepath.Join(reference, "signing-key-pub.pem"))
		if err == nil {
			err = m.Check(t.Context(), filepath.Join(dir, c.path), c.skip...)
		}
		if err != nil {
			t.Errorf("%s: %v", version, err)
		}
	}
}

// The test vectors of the specification (github.com/ossf/model-signing-spec, test-vectors/v1.0). A
// bundle of the method "sigstore" is refused, because this package has the method "key" alone.
func TestPublishedVectors(t *testing.T) {
	published := filepath.Join(reference, "published")
	for name, want := range map[string]string{
		"valid/key.bundle.json":                             "",
		"invalid/empty.bundle.json":                         "it is not JSON",
		"invalid/missing-envelope.bundle.json":              "it has no envelope",
		"invalid/missing-tlog-entries.bundle.json":          "was signed with a certificate",
		"invalid/missing-verification-material.bundle.json": "no verification material",
		"invalid-payload/wrong-predicate.bundle.json":       "none of the trusted keys has signed",
	} {
		m, err := opened(filepath.Join(published, filepath.FromSlash(name)), filepath.Join(reference, "signing-key-pub.pem"))
		if want != "" {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %q", name, err, want)
			}
			continue
		}
		if err == nil {
			err = m.Check(t.Context(), filepath.Join(reference, "released", "v1.1.0"), "model.sig")
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
