package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/clean"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/audit/factorial"
	render "github.com/undertone-audit/undertone/contrib/report"
	"github.com/undertone-audit/undertone/internal/bounded"
	"github.com/undertone-audit/undertone/internal/compress"
	"github.com/undertone-audit/undertone/provenance"
)

type verifyVerb struct {
	Files []string `arg:"" optional:"" name:"file" file:"read" help:"Reports of audit, factorial, corpus or clean as JSON, envelopes and bundles of attest, plain or compressed; - for standard input."`
	JSON  bool     `name:"json" help:"Print one line of JSON per file, and one for the policy."`

	signedFlags `group:"Signatures:"`
	dataFlags
}

// verified is a file that verify has checked.
type verified struct {
	File    string            `json:"file"`
	OK      bool              `json:"ok"`
	Error   string            `json:"error,omitempty"`
	Schema  string            `json:"schema,omitempty"`
	Version string            `json:"version,omitempty"` // of the library that wrote the report
	Verdict string            `json:"verdict,omitempty"`
	Digest  *undertone.Digest `json:"digest,omitempty"` // of a report
	Signed  *signedFile       `json:"signed,omitempty"` // of an envelope or a bundle

	evidence []provenance.Report      // of a report; none otherwise
	attested []provenance.Attestation // of an envelope or a bundle
}

// Run checks all files, and then the rows of --data, if a policy is given. The exit code is not the
// verdict of a report: it is 2 if a file is damaged or its signatures do not suffice, and 1 if the
// policy refuses the rows.
func (v *verifyVerb) Run(ctx context.Context, c console) error {
	gate, err := v.given()
	if err != nil {
		return err
	}
	if len(v.Files) == 0 && !gate {
		return errors.New("nothing to verify: name reports, envelopes or bundles, or rows with --data, --policy and --student")
	}
	s, err := v.verifier(c, v.dataFlags, gate)
	if err != nil {
		return err
	}
	var all []verified
	for _, path := range v.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := s.verify(ctx, path)
		if err != nil {
			r = verified{File: path, Error: fmt.Sprintf("%s: %v", path, err)}
		}
		all = append(all, r)
	}
	if !gate {
		s.vouch(all)
	}
	out := c.stdout
	if !v.JSON {
		out = c.forPeople(out)
	}
	if err := writeVerified(out, all, v.JSON); err != nil {
		return err
	}
	if !gate {
		return s.unused(all)
	}
	var reports []provenance.Report
	var attested []provenance.Attestation
	for _, r := range all {
		reports = append(reports, r.evidence...)
		attested = append(attested, r.attested...)
	}
	return v.dataFlags.check(ctx, c, s.now, provenance.Evidence{Reports: reports, Attestations: attested, DemandSigned: len(v.Keys) > 0}, v.JSON)
}

// writeVerified writes what was checked. It returns the errors of all files.
func writeVerified(w io.Writer, all []verified, asJSON bool) error {
	var failed []string
	for _, r := range all {
		if r.Error != "" {
			failed = append(failed, r.Error)
		}
		if err := r.write(w, asJSON); err != nil {
			return err
		}
	}
	if failed != nil {
		return errors.New(strings.Join(failed, "; "))
	}
	return nil
}

// maxDocument is the largest size of a report, an envelope or a bundle, in bytes after
// decompression.
const maxDocument = 64 << 20

// readDocument reads a report, an envelope or a bundle.
func readDocument(path string, stdin io.Reader) ([]byte, error) {
	if path != standard {
		f, err := bounded.Open(path)
		if err != nil {
			return nil, withoutPath(err)
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.Size() > maxDocument {
			return nil, fmt.Errorf("it has %d bytes, more than the %d of a report", info.Size(), maxDocument)
		}
		stdin = f
	}
	plain, err := compress.NewDocumentReader(stdin)
	if err != nil {
		return nil, withoutPath(err)
	}
	text, err := io.ReadAll(io.LimitReader(plain, maxDocument+1))
	if err != nil {
		return nil, withoutPath(err)
	}
	if len(text) > maxDocument {
		return nil, fmt.Errorf("it has more than the %d bytes of a report", maxDocument)
	}
	return text, nil
}

// readReport reads a report of any schema and checks it. One of the results is nil.
func readReport(text []byte) (*audit.Report, *factorial.Report, error) {
	if audit.SchemaOf(text) == factorial.Schema {
		report, err := factorial.ReadReport(bytes.NewReader(text))
		return nil, report, err
	}
	report, err := audit.ReadReport(bytes.NewReader(text))
	return report, nil, err
}

// verifyReport checks a report of any schema.
func verifyReport(path string, text []byte) (verified, error) {
	r := verified{File: path, OK: true}
	switch audit.SchemaOf(text) {
	case corpus.Schema:
		result, err := corpus.ReadResult(bytes.NewReader(text))
		if err == nil {
			r.Schema, r.Version, r.Verdict, r.Digest = result.Schema, result.Version, result.Outcome.String(), &result.Digest
			r.says(text, provenance.Report{Digest: result.Digest, OnlyRefuses: true}) // of no trait
		}
		return r, err
	case clean.Schema:
		table, err := clean.ReadDoseResponse(bytes.NewReader(text))
		if err == nil {
			r.Schema, r.Version, r.Verdict, r.Digest = table.Schema, table.Version, "dose–response table", &table.Digest
			r.says(text, table.Provenance())
		}
		return r, err
	}
	report, crossed, err := readReport(text)
	switch {
	case err != nil && isRanking(text):
		return r, errors.New("it is a ranking of undertone rank, which has no digest; give a report of audit, factorial, corpus or clean")
	case err != nil:
		return r, err
	case crossed != nil:
		r.Schema, r.Version, r.Verdict, r.Digest = crossed.Schema, crossed.Version, crossed.Verdict.String(), &crossed.Digest
		r.says(text, crossed.Provenance()...)
	default:
		r.Schema, r.Version, r.Verdict, r.Digest = report.Schema, report.Version, report.Verdict.String(), &report.Digest
		r.says(text, report.Provenance())
	}
	return r, nil
}

// isRanking reports whether a text is a saved ranking.
func isRanking(text []byte) bool {
	saved, err := render.Read(bytes.NewReader(text))
	return err == nil && saved.Ranking != nil
}

// says sets what a policy needs of the text of a report.
func (r *verified) says(text []byte, reports ...provenance.Report) {
	for i := range reports {
		reports[i].Name, reports[i].Bytes = filepath.Base(r.File), sha256.Sum256(text)
	}
	r.evidence = reports
}

// withoutPath returns the reason of an error on a file whose path is said already.
func withoutPath(err error) error {
	if p := (*os.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}

func (r verified) write(w io.Writer, asJSON bool) error {
	switch {
	case asJSON:
		return printJSON(w, r)
	case !r.OK:
		return nil // the error goes to standard error
	case r.Signed != nil:
		return r.Signed.write(r.File, w)
	}
	s, w := shown(&r, w)
	_, err := fmt.Fprintf(w, "%s: %s; the digest %s is that of the content (%s, written by version %s)\n", s.File, s.Verdict, s.Digest.Short(), s.Schema, s.Version)
	return err
}
