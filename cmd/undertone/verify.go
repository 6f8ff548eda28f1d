package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/factorial"
	"github.com/undertone-audit/undertone/internal/compress"
	"github.com/undertone-audit/undertone/provenance"
)

type verifyVerb struct {
	Reports []string `arg:"" optional:"" name:"report" file:"read" help:"Reports of audit or factorial as JSON, plain or compressed; - for standard input."`
	JSON    bool     `name:"json" help:"Print one line of JSON per report, and one for the rows of --data."`

	dataFlags
}

// verifiedReport is a report that verify has checked.
type verifiedReport struct {
	File    string            `json:"file"`
	OK      bool              `json:"ok"`
	Error   string            `json:"error,omitempty"`
	Schema  string            `json:"schema,omitempty"`
	Version string            `json:"version,omitempty"` // of the library that wrote the report
	Verdict string            `json:"verdict,omitempty"`
	Digest  *undertone.Digest `json:"digest,omitempty"`

	evidence *provenance.Report // of a report of audit; nil otherwise
}

// Run checks all reports, and then the rows of --data, if a policy is given. The exit code is not
// the verdict of a report: it is 2 if a report is damaged, and 1 if the policy refuses the rows.
func (v *verifyVerb) Run(ctx context.Context, c console) error {
	gate, err := v.given()
	if err != nil {
		return err
	}
	if len(v.Reports) == 0 && !gate {
		return errors.New("nothing to verify: name reports, or rows with --data, --policy and --student")
	}
	var failed []string
	var evidence []provenance.Report
	for _, path := range v.Reports {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := verify(path, c.stdin)
		if err != nil {
			err = fmt.Errorf("%s: %w", path, err)
			r = verifiedReport{File: path, Error: err.Error()}
			failed = append(failed, err.Error())
		}
		out := c.stdout
		if !v.JSON {
			out = c.forPeople(out)
		}
		if err := r.write(out, v.JSON); err != nil {
			return err
		}
		if r.evidence != nil {
			evidence = append(evidence, *r.evidence)
		}
	}
	if failed != nil {
		return errors.New(strings.Join(failed, "; "))
	}
	if gate {
		return v.check(ctx, c, evidence, nil, v.JSON)
	}
	return nil
}

// maxReportFile is the largest size of a report, in bytes after decompression.
const maxReportFile = 64 << 20

// verify reads a report of any schema and checks it.
func verify(path string, stdin io.Reader) (r verifiedReport, err error) {
	if path != standard {
		f, err := os.Open(path)
		if err != nil {
			return r, withoutPath(err)
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.Size() > maxReportFile {
			return r, fmt.Errorf("it has %d bytes, more than the %d of a report", info.Size(), maxReportFile)
		}
		stdin = f
	}
	plain, err := compress.NewReader(stdin)
	if err != nil {
		return r, withoutPath(err)
	}
	text, err := io.ReadAll(io.LimitReader(plain, maxReportFile+1))
	if err != nil {
		return r, withoutPath(err)
	}
	if len(text) > maxReportFile {
		return r, fmt.Errorf("it has more than the %d bytes of a report", maxReportFile)
	}
	r = verifiedReport{File: path, OK: true}
	if audit.SchemaOf(text) == factorial.Schema {
		report, err := factorial.ReadReport(bytes.NewReader(text))
		if err != nil {
			return r, err
		}
		r.Schema, r.Version, r.Verdict, r.Digest = report.Schema, report.Version, report.Verdict.String(), &report.Digest
		return r, nil
	}
	report, err := audit.ReadReport(bytes.NewReader(text))
	if err != nil {
		return r, err
	}
	r.Schema, r.Version, r.Verdict, r.Digest = report.Schema, report.Version, report.Verdict.String(), &report.Digest
	evidence := evidenceOf(path, report)
	evidence.Bytes = sha256.Sum256(text)
	r.evidence = &evidence
	return r, nil
}

// withoutPath returns the reason of an error on a file whose path is said already.
func withoutPath(err error) error {
	if p := (*os.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}

func (r verifiedReport) write(w io.Writer, asJSON bool) error {
	switch {
	case asJSON:
		return printJSON(w, r)
	case !r.OK:
		return nil // the error goes to standard error
	}
	s, w := shown(&r, w)
	_, err := fmt.Fprintf(w, "%s: %s; the digest %s is that of the content (%s, written by version %s)\n", s.File, s.Verdict, s.Digest.Short(), s.Schema, s.Version)
	return err
}
