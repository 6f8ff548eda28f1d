package intoto_test

import (
	"testing"

	"github.com/undertone-audit/undertone/provenance/intoto"
)

func FuzzParseStatement(f *testing.F) {
	f.Add([]byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"x":"1"}}],"predicateType":"https://in-toto.io/attestation/test-result/v0.1","predicate":{"result":"PASSED","configuration":[{}]}}`))
	f.Add([]byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"x":"1"}}],"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{"buildType":"b"},"runDetails":{"builder":{"id":"i"}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := intoto.ParseStatement(text)
		if (s == nil) == (err == nil) {
			t.Fatalf("statement %v, error %v", s, err)
		}
		if err != nil {
			return
		}
		if r, err := s.TestResult(); (r == nil) == (err == nil) {
			t.Fatalf("test result %v, error %v", r, err)
		}
		if p, err := s.Provenance(); (p == nil) == (err == nil) {
			t.Fatalf("provenance %v, error %v", p, err)
		}
	})
}
