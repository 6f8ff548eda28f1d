// Package jsondoc reads and writes JSON documents with a schema and the digest of their content:
// reports and manifests. It reads them strictly, so that all readers understand one alike.
package jsondoc

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/bounded"
)

// Kind describes a kind of document.
type Kind[R any] struct {
	Name    string          // such as "factorial report"
	Schema  string          // such as "undertone.factorial/1"
	MaxSize int64           // of the JSON, in bytes (default 64 MiB)
	Fields  func(*R) Fields // of a document
	Forget  func(*R)        // clears names of files and folders, which are not part of the digest (default none)
}

// Fields are what all documents have.
type Fields struct {
	Schema, Version string
	Digest          *undertone.Digest
}

// SetDigest sets the digest of a document: that of the canonical JSON ([Canonical]) of the document
// with this field at zero and without the names of files. The document becomes what a reader of its
// JSON gets, which differs if a name is not UTF-8. It fails if a number is not finite.
func (k Kind[R]) SetDigest(document *R) error {
	read, err := k.throughJSON(document)
	if err != nil {
		return fmt.Errorf("%s: %w", k.Name, err)
	}
	digest, err := k.digest(read)
	if err != nil {
		return fmt.Errorf("%s: %w", k.Name, err)
	}
	*document = *read
	*k.Fields(document).Digest = digest
	return nil
}

// Verify reports whether the digest of a document is that of its content.
func (k Kind[R]) Verify(document *R) bool {
	digest, err := k.digest(document)
	return err == nil && digest == *k.Fields(document).Digest
}

// digest returns the digest of the content of a document, and leaves the report alone.
func (k Kind[R]) digest(document *R) (undertone.Digest, error) {
	content, err := k.throughJSON(document)
	if err != nil {
		return undertone.Digest{}, err
	}
	if k.Forget != nil {
		k.Forget(content)
	}
	*k.Fields(content).Digest = undertone.Digest{}
	text, err := canonicalOf(content)
	if err != nil {
		return undertone.Digest{}, err
	}
	return undertone.NewHasher(k.Name).Text(string(text)).Sum(), nil
}

// throughJSON returns what a reader of the JSON of a document gets.
func (k Kind[R]) throughJSON(document *R) (*R, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	read := new(R)
	return read, json.Unmarshal(text, read)
}

func canonicalOf(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return Canonical(text)
}

// defaultMaxSize is the largest size of the JSON of a document, in bytes, unless its kind has
// another one.
const defaultMaxSize = 64 << 20

// Read reads the JSON of a document and checks it: the text must be JSON that all readers
// understand alike ([Canonical]), take a bounded memory ([bounded.CheckJSON]), have the fields of
// the schema and no others, and the digest must be that of the content.
func (k Kind[R]) Read(r io.Reader) (*R, error) {
	most := cmp.Or(k.MaxSize, defaultMaxSize)
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > most {
		return nil, fmt.Errorf("it is larger than %d bytes", most)
	}
	if err := bounded.CheckJSON(text, new(R)); err != nil {
		return nil, err
	}
	given, err := Canonical(text)
	if err != nil {
		return nil, err
	}
	if schema := SchemaOf(text); schema != k.Schema {
		return nil, fmt.Errorf("its schema is %.60q, want %q", schema, k.Schema)
	}
	document := new(R)
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(document); err != nil {
		return nil, k.otherVersion(document, err)
	}
	again, err := canonicalOf(document)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(given, again) { // a field is missing, or has a name in other letters, or null for a list
		return nil, k.otherVersion(document, fmt.Errorf("its fields are not those of the schema %s: %s", k.Schema, difference(given, again)))
	}
	if !k.Verify(document) {
		return nil, fmt.Errorf("its digest is not that of its content: the %s was changed", k.Name)
	}
	return document, nil
}

// otherVersion returns err, and says so if another version of the library wrote the report, because
// later versions may add fields.
func (k Kind[R]) otherVersion(document *R, err error) error {
	if v := k.Fields(document).Version; v != "" && v != undertone.Version {
		return fmt.Errorf("%w (version %.20q wrote it; this is version %s)", err, v, undertone.Version)
	}
	return err
}

// difference shows where two canonical forms first differ.
func difference(given, want []byte) string {
	at := 0
	for at < min(len(given), len(want)) && given[at] == want[at] {
		at++
	}
	from := max(0, at-20)
	clip := func(text []byte) []byte { return text[from:min(len(text), at+20)] }
	return fmt.Sprintf("it has %q, want %q", clip(given), clip(want))
}

// SchemaOf returns the field "schema" of a JSON object, or "".
func SchemaOf(text []byte) string {
	var v struct {
		Schema string `json:"schema"`
	}
	_ = json.Unmarshal(text, &v) // "" if it is no such object
	return v.Schema
}
