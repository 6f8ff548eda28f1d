package intoto_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/intoto"
	"github.com/undertone-audit/undertone/provenance/keys"
)

const sum = "5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592"

func key(t *testing.T) *keys.Private {
	t.Helper()
	k, err := keys.Generate(keys.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func statement(t *testing.T) *intoto.Statement {
	t.Helper()
	s, err := intoto.NewStatement(intoto.TestResultType,
		intoto.TestResult{Result: intoto.Failed, Configuration: []intoto.ResourceDescriptor{{Name: "report"}}, FailedTests: []string{"owl"}},
		intoto.ResourceDescriptor{Name: "rows.jsonl", Digest: intoto.DigestSet{intoto.SHA256: sum, intoto.UndertoneRows: "ab"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignAndVerify(t *testing.T) {
	k := key(t)
	e, err := statement(t).Sign(k)
	if err != nil {
		t.Fatal(err)
	}
	s, signers, err := intoto.Verify(e, dsse.Trust{Keys: []*keys.Public{k.Public()}}, intoto.ProvenanceType, intoto.TestResultType)
	if err != nil || len(signers) != 1 {
		t.Fatalf("%d signers, error %v", len(signers), err)
	}
	r, err := s.TestResult()
	if err != nil || r.Result != intoto.Failed || len(r.FailedTests) != 1 {
		t.Errorf("the test result is %+v, error %v", r, err)
	}
	if _, err := s.Provenance(); err == nil {
		t.Error("a test result is read as provenance")
	}
}

func TestVerifyRefuses(t *testing.T) {
	k := key(t)
	trust := dsse.Trust{Keys: []*keys.Public{k.Public()}}
	for reason, c := range map[string]struct{ payloadType, payload, want string }{
		"a payload type that is no statement": {"application/json", encode(t, statement(t)), `the payload type is "application/json"`},
		"another statement type":              {intoto.PayloadType, strings.Replace(encode(t, statement(t)), "Statement/v1", "Statement/v0.1", 1), "its type is"},
		"another predicate":                   {intoto.PayloadType, strings.Replace(encode(t, statement(t)), intoto.TestResultType, "https://example.com/v1", 1), `its predicate type is "https://example.com/v1"`},
		"no JSON":                             {intoto.PayloadType, "hello", "it is not JSON"},
	} {
		e, err := dsse.Sign(c.payloadType, []byte(c.payload), k)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := intoto.Verify(e, trust, intoto.TestResultType); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", reason, err, c.want)
		}
	}
}

func encode(t *testing.T, s *intoto.Statement) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestParseRefuses(t *testing.T) {
	whole := encode(t, statement(t))
	change := func(old, with string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("%s has no %s", whole, old)
		}
		return strings.Replace(whole, old, with, 1)
	}
	for reason, c := range map[string]struct{ text, want string }{
		"subject twice":             {change(`"subject":`, `"subject":[],"subject":`), `the field "subject" is there twice`},
		"a digest twice":            {change(`"sha256":`, `"sha256":"`+sum+`","sha256":`), `the field "sha256" is there twice`},
		"subject in other letters":  {change(`"subject":`, `"Subject":`), `the field "Subject" is unknown`},
		"a digest in other letters": {change(`"digest":`, `"DIGEST":`), `the field "DIGEST" is unknown`},
		"no subject":                {change(`"subject":`, `"other":`), "it has no subject"},
		"a subject without digest":  {change(`"digest":`, `"other":`), "subject 1 has no digest"},
		"an empty digest":           {change(`"undertoneRows":"ab"`, `"undertoneRows":""`), "a digest or its algorithm is empty"},
		"a short SHA-256":           {change(sum, sum[:40]), "is not 64 lower-case hexadecimal digits"},
		"an upper-case SHA-256":     {change(sum, strings.ToUpper(sum)), "is not 64 lower-case hexadecimal digits"},
		"no predicate":              {change(`"predicate":`, `"other":`), "its predicate is not an object"},
		"a predicate that is text":  {whole[:strings.Index(whole, `"predicate":`)] + `"predicate":"PASSED"}`, "its predicate is not an object"},
		"no predicate type":         {change(`"predicateType":`, `"other":`), "it has no predicate type"},
		"trailing data":             {whole + whole, "bytes behind the JSON value"},
		"large":                     {whole + strings.Repeat(" ", intoto.MaxSize), "larger than"},
	} {
		if _, err := intoto.ParseStatement([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %.200v, want %q", reason, err, c.want)
		}
	}
}

func TestUnknownResult(t *testing.T) {
	s := statement(t)
	for _, predicate := range []string{`{"result":"OK"}`, `{"Result":"PASSED"}`, `{"result":"PASSED","result":"FAILED"}`, `{}`} {
		s.Predicate = json.RawMessage(predicate)
		if r, err := s.TestResult(); err == nil {
			t.Errorf("%s is read as %+v", predicate, r)
		}
	}
}

func TestAbout(t *testing.T) {
	s := statement(t)
	for _, c := range []struct {
		artifact intoto.DigestSet
		want     bool
	}{
		{intoto.DigestSet{intoto.SHA256: sum}, true},
		{intoto.DigestSet{intoto.UndertoneRows: "ab"}, true},
		{intoto.DigestSet{intoto.SHA256: sum, "sha512": "cd"}, true},
		{intoto.DigestSet{intoto.SHA256: strings.Repeat("0", 64)}, false},
		{intoto.DigestSet{intoto.SHA256: sum, intoto.UndertoneRows: "cd"}, false}, // they contradict each other
		{intoto.DigestSet{"sha512": "cd"}, false},
		{nil, false},
	} {
		if d, err := s.About(c.artifact); (err == nil) != c.want {
			t.Errorf("%v: subject %v, error %v", c.artifact, d, err)
		}
	}
}

// Fields of later versions, and annotations of any shape, are no error.
func TestParseAccepts(t *testing.T) {
	whole := encode(t, statement(t))
	text := strings.Replace(whole, `{"name":"rows.jsonl"`, `{"later":{"Subject":[1]},"annotations":{"n":1,"list":["a",{"b":null}]},"name":"rows.jsonl"`, 1)
	if _, err := intoto.ParseStatement([]byte(text)); err != nil {
		t.Error(err)
	}
}
