package corpus

import (
	"fmt"
	"io"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/jsondoc"
)

// Schema names the JSON form of a [Result]; docs/corpus-v1.md describes it.
const Schema = "undertone.corpus/1"

// format describes the JSON of a result.
var format = jsondoc.Kind[Result]{
	Name: "corpus result", Schema: Schema,
	Fields: func(r *Result) jsondoc.Fields {
		return jsondoc.Fields{Schema: r.Schema, Version: r.Version, Digest: &r.Digest}
	},
	Forget: func(r *Result) { r.Design.SuspectName, r.Design.ControlName = "", "" },
}

// setDigest names the schema and sets the digest.
func (r *Result) setDigest() error {
	r.Schema, r.Version = Schema, undertone.Version
	return format.SetDigest(r)
}

// Verify reports whether the digest is that of the content. The names of data sets, which may be
// names of files, are not part of the digest.
func (r *Result) Verify() bool { return format.Verify(r) }

// ReadResult reads the JSON of a result and checks its schema, its fields and its digest. It
// refuses a result that contradicts itself: the outcome must follow from the numbers.
func ReadResult(r io.Reader) (*Result, error) {
	result, err := format.Read(r)
	if err == nil {
		err = result.consistent()
	}
	if err != nil {
		return nil, fmt.Errorf("corpus: result: %w", err)
	}
	return result, nil
}
