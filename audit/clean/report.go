package clean

import (
	"fmt"
	"io"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/jsondoc"
)

// Schema names the JSON form of a [DoseResponse]; docs/clean-v1.md describes it.
const Schema = "undertone.clean/1"

// kind describes the JSON of a dose–response table.
var kind = jsondoc.Kind[DoseResponse]{
	Name: "dose–response table", Schema: Schema,
	Fields: func(r *DoseResponse) jsondoc.Fields {
		return jsondoc.Fields{Schema: r.Schema, Version: r.Version, Digest: &r.Digest}
	},
	Forget: func(r *DoseResponse) { r.Suspect.ForgetNames(); r.Control.ForgetNames() },
}

// setDigest names the schema and sets the digest. The reports and rows of the steps, which are not
// part of the JSON, stay.
func (r *DoseResponse) setDigest() error {
	r.Schema, r.Version = Schema, undertone.Version
	written := *r
	if err := kind.SetDigest(&written); err != nil {
		return err
	}
	r.Digest = written.Digest
	return nil
}

// Verify reports whether the digest is that of the content. The names of data sets, which may be
// names of files, are not part of the digest.
func (r *DoseResponse) Verify() bool { return kind.Verify(r) }

// ReadDoseResponse reads the JSON of a dose–response table and checks its schema, its fields and
// its digest as [audit.ReadReport] does. The steps have no reports and no rows, which are not part
// of the JSON. A table that contradicts itself, as far as its numbers show, is refused.
func ReadDoseResponse(r io.Reader) (*DoseResponse, error) {
	table, err := kind.Read(r)
	if err == nil {
		err = table.consistent()
	}
	if err != nil {
		return nil, fmt.Errorf("clean: dose–response table: %w", err)
	}
	return table, nil
}
