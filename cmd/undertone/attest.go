package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/attest"
	"github.com/undertone-audit/undertone/internal/bounded"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/evidence"
	"github.com/undertone-audit/undertone/provenance/intoto"
	"github.com/undertone-audit/undertone/provenance/keys"
	"github.com/undertone-audit/undertone/provenance/oms"
)

type attestVerb struct {
	Keys       []string `name:"key" required:"" file:"read" placeholder:"FILE" help:"Private keys in PEM. Each key signs."`
	FromReport string   `group:"What is signed:" file:"read" placeholder:"FILE" help:"Report of audit or factorial. Its verdict on the rows is signed as an in-toto test result."`
	Data       []string `group:"What is signed:" file:"read" placeholder:"FILE" help:"Files of rows. With --from-report they must hold the suspect rows of the report. Without it, one file: how it was made is signed as SLSA provenance, from the manifest FILE.undertone.json."`
	Folder     string   `group:"What is signed:" file:"read" placeholder:"DIR" help:"Folder of data or of a model. Its files are signed in the format of OpenSSF Model Signing, with one key of type p256, p384 or p521."`
	Envelope   string   `group:"What is signed:" file:"read" placeholder:"FILE" help:"Envelope that others have signed. The signatures of --key are added; those in the envelope are not checked."`

	ValidDays int      `range:">= 1" placeholder:"N" help:"Days after which the statement expires, >= 1 (default never)."`
	Ignore    []string `placeholder:"PATH" help:"Files and folders in --folder that are not signed, relative to it (default .git, .gitattributes, .github and .gitignore, which are never signed)."`
	ShardSize int64    `range:">= 1" placeholder:"BYTES" help:"Size of the parts in which the files of --folder are hashed, in bytes, >= 1 (default whole files)."`
	Out       string   `required:"" file:"write" placeholder:"FILE" help:"File for the envelope or, with --folder, for the bundle."`
	JSON      bool     `name:"json" help:"Print the result as JSON."`
	readFlags
}

// attested is the result of attest.
type attested struct {
	Out       string             `json:"out"`
	Predicate string             `json:"predicate"`
	Result    intoto.Result      `json:"result,omitempty"`
	Subjects  []string           `json:"subjects"`
	Signers   []undertone.Digest `json:"signers"` // key IDs
}

// Run signs and writes one file.
func (v *attestVerb) Run(ctx context.Context, c console) error {
	if err := v.check(); err != nil {
		return err
	}
	with, err := privateKeys(c, v.Keys)
	if err != nil {
		return err
	}
	made, signed, err := v.sign(ctx, c, with)
	if err != nil {
		return err
	}
	for _, key := range with {
		made.Signers = append(made.Signers, key.ID())
	}
	if err := writeSigned(v.Out, c, signed); err != nil {
		return err
	}
	made.Out = v.Out
	return made.write(c, v.JSON)
}

// check returns an error unless the flags name one thing to sign.
func (v *attestVerb) check() error {
	n := 0
	for _, given := range []bool{v.FromReport != "", v.Folder != "", v.Envelope != "", v.FromReport == "" && len(v.Data) > 0} {
		if given {
			n++
		}
	}
	switch {
	case n == 0:
		return errors.New("nothing to sign; give --from-report, --data, --folder or --envelope")
	case n > 1:
		return errors.New("more than one thing to sign; give --from-report with --data, --data alone, --folder or --envelope")
	case v.FromReport == "" && len(v.Data) > 1:
		return fmt.Errorf("--data names %d files, but a statement on how rows were made is about one; run attest for each", len(v.Data))
	case v.Folder == "" && (len(v.Ignore) > 0 || v.ShardSize > 0):
		return errors.New("--ignore and --shard-size need --folder")
	case v.Folder != "" && len(v.Keys) > 1:
		return errors.New("--folder needs exactly one --key, because its format has one signature")
	case v.ValidDays > 0 && (v.Folder != "" || v.Envelope != ""):
		return errors.New("--valid-days needs --from-report or --data; other formats have no end, or have it already")
	}
	return nil
}

// sign returns what is written, and what is said about it.
func (v *attestVerb) sign(ctx context.Context, c console, with []*keys.Private) (*attested, any, error) {
	switch {
	case v.Folder != "":
		return v.signFolder(ctx, with[0])
	case v.Envelope != "":
		return v.addSignatures(with)
	}
	statement, err := v.statement(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	validity := evidence.Validity{SignedAt: time.Now()}
	if v.ValidDays > 0 {
		validity.Expires = validity.SignedAt.AddDate(0, 0, v.ValidDays)
	}
	validity.Annotate(statement)
	envelope, err := statement.Sign(with...)
	if err != nil {
		return nil, nil, err
	}
	return describeStatement(statement), envelope, nil
}

func (v *attestVerb) signFolder(ctx context.Context, key *keys.Private) (*attested, any, error) {
	m, err := oms.Describe(ctx, v.Folder, oms.Options{Ignore: v.Ignore, ShardSize: v.ShardSize})
	if err != nil {
		return nil, nil, err
	}
	bundle, err := m.Sign(key)
	if err != nil {
		return nil, nil, err
	}
	return &attested{Predicate: oms.PredicateType, Subjects: []string{m.Name}}, bundle, nil
}

func (v *attestVerb) addSignatures(with []*keys.Private) (*attested, any, error) {
	envelope, err := readEnvelope(v.Envelope)
	if err == nil {
		err = envelope.Add(with...)
	}
	var statement *intoto.Statement
	if err == nil {
		statement, err = intoto.ParseStatement(envelope.Payload)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("--envelope %s: %w", v.Envelope, err)
	}
	return describeStatement(statement), envelope, nil
}

func readEnvelope(path string) (*dsse.Envelope, error) {
	text, err := readDocument(path, nil)
	if err != nil {
		return nil, err
	}
	return dsse.Parse(text)
}

// statement returns the statement on a report or on how a file was made.
func (v *attestVerb) statement(ctx context.Context, c console) (*intoto.Statement, error) {
	if v.FromReport == "" {
		return manifestStatement(v.Data[0])
	}
	text, err := readDocument(v.FromReport, c.stdin)
	if err != nil {
		return nil, fmt.Errorf("--from-report %s: %w", v.FromReport, err)
	}
	report, crossed, err := readReport(text)
	if err != nil {
		return nil, fmt.Errorf("--from-report %s: %w", v.FromReport, err)
	}
	if crossed != nil {
		var arms []audit.DataInfo
		for _, a := range crossed.Arms {
			arms = append(arms, a.Data)
		}
		files, err := v.files(ctx, c, arms)
		if err != nil {
			return nil, err
		}
		return attest.FactorialReport(crossed, files...)
	}
	files, err := v.files(ctx, c, []audit.DataInfo{report.Suspect})
	if err != nil {
		return nil, err
	}
	return attest.Report(report, files...)
}

// files returns the descriptors of the files of --data, which must hold the rows of one of these
// data sets each.
func (v *attestVerb) files(ctx context.Context, c console, sets []audit.DataInfo) (all []intoto.ResourceDescriptor, err error) {
	for _, path := range v.Data {
		rows, err := loadRows(ctx, c, "read", path, v.readFlags)
		if err != nil {
			return nil, err
		}
		of, ok := rowsAmong(rows.Digest(), sets)
		if !ok {
			return nil, fmt.Errorf("--data %s: its rows (digest %s) are not the suspect rows of the report; name the file that was audited, with the same --as, --turns and --tokenizer", path, rows.Digest().Short())
		}
		bytes, err := fileDigest(path)
		if err != nil {
			return nil, fmt.Errorf("--data %s: %w", path, err)
		}
		all = append(all, attest.File(filepath.Base(path), bytes, of))
	}
	return all, nil
}

func rowsAmong(rows undertone.Digest, sets []audit.DataInfo) (audit.DataInfo, bool) {
	for _, d := range sets {
		if d.Digest == rows {
			return d, true
		}
	}
	return audit.DataInfo{}, false
}

// manifestStatement returns the statement on how a file of rows was made. It refuses a file that
// differs from its manifest.
func manifestStatement(path string) (*intoto.Statement, error) {
	m, err := checkedManifest(path)
	if err != nil {
		return nil, fmt.Errorf("--data %w", err)
	}
	return evidence.Provenance(filepath.Base(path), m)
}

// fileDigest returns the SHA-256 of the bytes of a file.
func fileDigest(path string) (undertone.Digest, error) {
	f, err := bounded.Open(path)
	if err != nil {
		return undertone.Digest{}, withoutPath(err)
	}
	defer f.Close()
	h := provenance.NewByteHasher()
	if _, err := f.WriteTo(h); err != nil {
		return undertone.Digest{}, withoutPath(err)
	}
	digest, _ := h.Sum()
	return digest, nil
}

func describeStatement(s *intoto.Statement) *attested {
	a := &attested{Predicate: s.PredicateType}
	if r, err := s.TestResult(); err == nil {
		a.Result = r.Result
	}
	for _, subject := range s.Subject {
		a.Subjects = append(a.Subjects, subject.Name)
	}
	return a
}

// writeSigned writes an envelope or a bundle as a file.
func writeSigned(path string, c console, signed any) error {
	text, err := json.Marshal(signed)
	if err != nil {
		return err
	}
	return writeWhole(path, c, append(text, '\n'))
}

func (a *attested) write(c console, asJSON bool) error {
	to := c.stdout
	if a.Out == standard {
		to = c.stderr
	}
	if asJSON {
		return printJSON(to, a)
	}
	s, w := shown(a, to)
	for _, subject := range s.Subjects {
		result := ""
		if s.Result != "" {
			result = ", result " + string(s.Result)
		}
		if _, err := fmt.Fprintf(w, "%s: a statement about %s (%s%s)\n", s.Out, subject, s.Predicate, result); err != nil {
			return err
		}
	}
	for _, id := range s.Signers {
		if _, err := fmt.Fprintf(w, "%s: signed by the key %s\n", s.Out, id); err != nil {
			return err
		}
	}
	return nil
}
