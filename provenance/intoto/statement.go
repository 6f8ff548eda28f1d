package intoto

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/internal/strictjson"
	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/keys"
)

const (
	// PayloadType is the type of the payload of an envelope that holds a statement.
	PayloadType = "application/vnd.in-toto+json"

	// StatementType is the field "_type" of a statement.
	StatementType = "https://in-toto.io/Statement/v1"
)

// Statement is an in-toto statement v1.
type Statement struct {
	Type          string               `json:"_type"` // [StatementType]
	Subject       []ResourceDescriptor `json:"subject"`
	PredicateType string               `json:"predicateType"`
	Predicate     json.RawMessage      `json:"predicate"`
}

// ResourceDescriptor names an artifact: a file, a data set, a model, a report.
type ResourceDescriptor struct {
	Name             string         `json:"name,omitempty"`
	URI              string         `json:"uri,omitempty"`
	Digest           DigestSet      `json:"digest,omitempty"`
	Content          []byte         `json:"content,omitempty"`
	DownloadLocation string         `json:"downloadLocation,omitempty"`
	MediaType        string         `json:"mediaType,omitempty"`
	Annotations      map[string]any `json:"annotations,omitempty"`
}

// DigestSet holds digests of one artifact in lower-case hexadecimal digits, by algorithm.
type DigestSet map[string]string

// The algorithms of a [DigestSet] that this project uses.
const (
	SHA256 = "sha256" // of the bytes of a file

	// UndertoneRows is the digest of a data set: of its rows in any order, whatever the layout
	// and the compression of the file.
	UndertoneRows = "undertoneRows"

	// UndertoneReport and UndertoneManifest are the digests that reports and manifests hold of
	// their own content.
	UndertoneReport   = "undertoneReport"
	UndertoneManifest = "undertoneManifest"

	// UndertoneModel is the digest of a model: of everything that its answers depend on.
	UndertoneModel = "undertoneModel"

	// UndertoneWeights is the digest of the weights of a model.
	UndertoneWeights = "undertoneWeights"

	// UndertonePrompts is the Merkle root of the prompt group IDs of rows.
	UndertonePrompts = "undertonePrompts"
)

// The limits of a statement.
const (
	MaxSize     = 12 << 20 // bytes of JSON
	maxSubjects = 100_000
	maxDigests  = 32
)

// NewStatement returns a statement about subjects.
func NewStatement(predicateType string, predicate any, subjects ...ResourceDescriptor) (*Statement, error) {
	text, err := json.Marshal(predicate)
	if err != nil {
		return nil, fmt.Errorf("intoto: predicate %s: %w", predicateType, err)
	}
	s := &Statement{StatementType, subjects, predicateType, text}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("intoto: statement: %w", err)
	}
	return s, nil
}

// ParseStatement reads the JSON form of a statement, of at most [MaxSize] bytes. It refuses text
// that two readers could understand in different ways. Unknown fields are ignored, as the
// specification demands.
func ParseStatement(text []byte) (*Statement, error) {
	s := new(Statement)
	if err := strictjson.Decode(text, MaxSize, s); err != nil {
		return nil, fmt.Errorf("intoto: statement: %w", err)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("intoto: statement: %w", err)
	}
	return s, nil
}

func (s *Statement) check() error {
	switch {
	case s.Type != StatementType:
		return fmt.Errorf("its type is %.80q, want %q", s.Type, StatementType)
	case s.PredicateType == "":
		return errors.New("it has no predicate type")
	case len(s.Predicate) == 0 || s.Predicate[0] != '{':
		return errors.New("its predicate is not an object")
	case len(s.Subject) == 0:
		return errors.New("it has no subject")
	case len(s.Subject) > maxSubjects:
		return fmt.Errorf("it has %d subjects, more than %d", len(s.Subject), maxSubjects)
	}
	for i, subject := range s.Subject {
		if len(subject.Digest) == 0 {
			return fmt.Errorf("subject %d has no digest, so it names no artifact", i+1)
		}
		if err := subject.Digest.check(); err != nil {
			return fmt.Errorf("subject %d: %w", i+1, err)
		}
	}
	return nil
}

func (d DigestSet) check() error {
	if len(d) > maxDigests {
		return fmt.Errorf("it has %d digests, more than %d", len(d), maxDigests)
	}
	for _, algorithm := range slices.Sorted(maps.Keys(d)) {
		if algorithm == "" || d[algorithm] == "" {
			return errors.New("a digest or its algorithm is empty")
		}
		if algorithm == SHA256 && (len(d[algorithm]) != 64 || strings.Trim(d[algorithm], "0123456789abcdef") != "") {
			return fmt.Errorf("the SHA-256 %.80q is not 64 lower-case hexadecimal digits", d[algorithm])
		}
	}
	return nil
}

// Verify verifies an envelope that holds a statement with a predicate of one of these types, and
// returns the statement and the trusted keys that have signed it.
func Verify(e *dsse.Envelope, trust dsse.Trust, predicateTypes ...string) (*Statement, []*keys.Public, error) {
	signers, err := e.Verify(PayloadType, trust)
	if err != nil {
		return nil, nil, err
	}
	s, err := ParseStatement(e.Payload)
	if err != nil {
		return nil, nil, err
	}
	if !slices.Contains(predicateTypes, s.PredicateType) {
		return nil, nil, fmt.Errorf("intoto: statement: its predicate type is %.80q, want %s", s.PredicateType, strings.Join(predicateTypes, " or "))
	}
	return s, signers, nil
}

// Sign returns an envelope with a statement and a signature of each key.
func (s *Statement) Sign(with ...*keys.Private) (*dsse.Envelope, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("intoto: statement: %w", err)
	}
	return dsse.Sign(PayloadType, text, with...)
}

// About returns the first subject that names an artifact, because it shares a digest with it. A
// subject that shares the algorithm of a digest but not its value does not name the artifact.
func (s *Statement) About(artifact DigestSet) (*ResourceDescriptor, error) {
	for i := range s.Subject {
		if s.Subject[i].Digest.Names(artifact) {
			return &s.Subject[i], nil
		}
	}
	return nil, fmt.Errorf("intoto: statement: none of its subjects is the artifact with %s; the statement is about %s", artifact, s.Subject[0].Digest)
}

// Names reports whether two sets of digests are those of one artifact: they share an algorithm, and
// the values agree for all algorithms that they share.
func (d DigestSet) Names(artifact DigestSet) bool {
	shared := 0
	for algorithm, value := range artifact {
		switch d[algorithm] {
		case "":
		case value:
			shared++
		default:
			return false
		}
	}
	return shared > 0
}

// String returns the digests in the order of their algorithms.
func (d DigestSet) String() string {
	var all []string
	for _, algorithm := range slices.Sorted(maps.Keys(d)) {
		all = append(all, fmt.Sprintf("%.40s %.64s", algorithm, d[algorithm]))
	}
	return strings.Join(all, ", ")
}
