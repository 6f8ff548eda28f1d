package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/evidence"
	"github.com/undertone-audit/undertone/provenance/intoto"
	"github.com/undertone-audit/undertone/provenance/oms"
)

// signedFlags say how the signatures of envelopes and bundles are checked.
type signedFlags struct {
	trustFlags
	Folder string `file:"read" placeholder:"DIR" help:"Folder whose files a bundle must have signed, all of them. A bundle needs it."`
	At     string `placeholder:"TIME" help:"Time at which an envelope must not have expired, such as 2026-11-27T10:00:00Z (default now)."`
}

// signedFile is what verify says about an envelope or a bundle.
type signedFile struct {
	Predicate string             `json:"predicate"`
	Result    intoto.Result      `json:"result,omitempty"` // of a test result
	Signers   []undertone.Digest `json:"signers"`          // key IDs
	Subjects  []string           `json:"subjects"`
	Compared  []string           `json:"compared"`             // files that are those that were signed
	SignedAt  *time.Time         `json:"signed_at,omitempty"`  // absent if unknown
	Expires   *time.Time         `json:"expires,omitempty"`    // absent if never
	NotSigned []string           `json:"not_signed,omitempty"` // paths of a folder that the bundle leaves out

	forPolicy bool // the policy decides what it must be about
}

// signatureVerifier checks files of any kind.
type signatureVerifier struct {
	signedFlags
	c      console
	trust  dsse.Trust
	now    time.Time
	data   string // file that each envelope must be about; "" compares none
	read   readFlags
	policy bool // the policy decides what each envelope must be about
}

// verifier returns the verifier of the flags. Under a policy envelopes may be about other files
// than the rows, such as their ancestors.
func (f signedFlags) verifier(c console, data dataFlags, policy bool) (*signatureVerifier, error) {
	v := &signatureVerifier{signedFlags: f, c: c, now: time.Now(), read: data.readFlags, policy: policy}
	if !policy {
		v.data = data.Data
	}
	var err error
	if f.At != "" {
		if v.now, err = time.Parse(time.RFC3339, f.At); err != nil {
			return nil, fmt.Errorf("--at is %q, want a time such as 2026-11-27T10:00:00Z", f.At)
		}
	}
	v.trust, err = f.trust()
	return v, err
}

// verify checks a report, an envelope or a bundle.
func (v *signatureVerifier) verify(ctx context.Context, path string) (verified, error) {
	text, err := readDocument(path, v.c.stdin)
	if err != nil {
		return verified{}, err
	}
	var shape struct {
		PayloadType *json.RawMessage `json:"payloadType"`
		MediaType   *json.RawMessage `json:"mediaType"`
	}
	_ = json.Unmarshal(text, &shape) // what is no JSON has no shape
	switch {
	case shape.PayloadType == nil && shape.MediaType == nil:
		return verifyReport(path, text)
	case len(v.Keys) == 0:
		return verified{}, errors.New("it is signed; give the public key of the signer with --key")
	case shape.MediaType != nil:
		return v.verifyBundle(ctx, path, text)
	}
	return v.verifyEnvelope(ctx, path, text)
}

func (v *signatureVerifier) verifyBundle(ctx context.Context, path string, text []byte) (verified, error) {
	if v.Folder == "" {
		return verified{}, errors.New("it is a bundle, which says something about a folder; name the folder with --folder")
	}
	bundle, err := oms.Parse(text)
	if err != nil {
		return verified{}, err
	}
	m, key, err := bundle.Verify(v.trust)
	if err != nil {
		return verified{}, err
	}
	if err := m.Check(ctx, v.Folder, pathIn(v.Folder, path)...); err != nil {
		return verified{}, err
	}
	signed := &signedFile{
		Predicate: oms.PredicateType, Signers: []undertone.Digest{key.ID()}, Subjects: []string{m.Name},
		Compared: []string{v.Folder}, NotSigned: m.Serialization.IgnorePaths,
	}
	return verified{File: path, OK: true, Signed: signed, attested: []provenance.Attestation{evidence.Folder(m, key)}}, nil
}

// pathIn returns the path of a file relative to the folder that it lies in, or nothing.
func pathIn(folder, file string) []string {
	if file == standard || !within(folder, file) {
		return nil
	}
	relative, err := filepath.Rel(canonical(folder), canonical(file))
	if err != nil {
		return nil
	}
	return []string{filepath.ToSlash(relative)}
}

func (v *signatureVerifier) verifyEnvelope(ctx context.Context, path string, text []byte) (verified, error) {
	envelope, err := dsse.Parse(text)
	if err != nil {
		return verified{}, err
	}
	opened, err := evidence.Open(envelope, v.trust, v.now)
	if err != nil {
		return verified{}, err
	}
	s := signedOf(opened)
	s.forPolicy = v.policy
	if v.data != "" {
		if err := v.compareData(ctx, opened.Statement); err != nil {
			return verified{}, fmt.Errorf("--data %s: %w", v.data, err)
		}
		s.Compared = append(s.Compared, v.data)
	}
	return verified{File: path, OK: true, Signed: s, attested: opened.Attestations()}, nil
}

func signedOf(o *evidence.Opened) *signedFile {
	s := &signedFile{Predicate: o.Statement.PredicateType, Compared: []string{}}
	if r, err := o.Statement.TestResult(); err == nil {
		s.Result = r.Result
	}
	for _, key := range o.Signers {
		s.Signers = append(s.Signers, key.ID())
	}
	for _, d := range o.Statement.Subject {
		s.Subjects = append(s.Subjects, d.Name)
	}
	for into, t := range map[**time.Time]time.Time{&s.SignedAt: o.Validity.SignedAt, &s.Expires: o.Validity.Expires} {
		if !t.IsZero() {
			*into = &t
		}
	}
	return s
}

// compareData returns an error unless a statement is about --data: about its bytes, or about its
// rows, which may be compressed or laid out in another way.
func (v *signatureVerifier) compareData(ctx context.Context, s *intoto.Statement) error {
	bytes, err := fileDigest(v.data)
	if err != nil {
		return err
	}
	_, err = s.About(evidence.Digests(map[string]undertone.Digest{intoto.SHA256: bytes}))
	if err == nil || !slices.ContainsFunc(s.Subject, func(d intoto.ResourceDescriptor) bool { return d.Digest[intoto.UndertoneRows] != "" }) {
		return err
	}
	rows, readErr := loadRows(ctx, v.c, "read", v.data, v.read)
	if readErr != nil {
		return fmt.Errorf("%w; its rows cannot be compared: %w", err, readErr)
	}
	_, err = s.About(evidence.Digests(map[string]undertone.Digest{intoto.UndertoneRows: rows.Digest()}))
	return err
}

// vouch checks that, if keys are given, an envelope among the files vouches for each report. It
// notes the reports that it vouches for.
func (v *signatureVerifier) vouch(all []verified) {
	if len(v.Keys) == 0 {
		return
	}
	for i, r := range all {
		if r.Digest == nil {
			continue
		}
		signed := false
		for _, e := range all {
			for _, a := range e.attested {
				if slices.Contains(a.Documents, *r.Digest) && !slices.Contains(e.Signed.Compared, r.File) {
					e.Signed.Compared = append(e.Signed.Compared, r.File)
				}
			}
			signed = signed || e.Signed != nil && slices.Contains(e.Signed.Compared, r.File)
		}
		if !signed {
			all[i] = verified{File: r.File, Error: r.File + ": none of the envelopes that are given has signed this report, which --key asks for"}
		}
	}
}

// unused returns an error if a flag was not used, because no file is of the kind that it is for.
func (v *signatureVerifier) unused(all []verified) error {
	envelopes, bundles := 0, 0
	for _, r := range all {
		switch {
		case r.Signed == nil:
		case r.Signed.Predicate == oms.PredicateType:
			bundles++
		default:
			envelopes++
		}
	}
	switch {
	case v.data != "" && envelopes == 0:
		return errors.New("--data was not compared with anything; give an envelope that is about it, or --policy and --student")
	case v.Folder != "" && bundles == 0:
		return errors.New("--folder was not compared with anything; give the bundle that signs it")
	}
	return nil
}

func (s *signedFile) write(file string, w io.Writer) error {
	s, w = shown(s, w)
	lines := []string{fmt.Sprintf("%s about %s", s.Predicate, strings.Join(s.Subjects, ", "))}
	if s.Result != "" {
		lines = append(lines, "result "+string(s.Result))
	}
	for _, id := range s.Signers {
		lines = append(lines, "signed by the key "+id.String())
	}
	if s.SignedAt != nil {
		lines = append(lines, "says that it was signed on "+s.SignedAt.UTC().Format(time.RFC3339))
	}
	if s.Expires != nil {
		lines = append(lines, "expires on "+s.Expires.UTC().Format(time.RFC3339))
	}
	for _, path := range s.Compared {
		lines = append(lines, path+" is what was signed")
	}
	if len(s.Compared) == 0 && !s.forPolicy {
		lines = append(lines, "no file was compared with it; give --data, or the report")
	}
	if len(s.NotSigned) > 0 {
		lines = append(lines, "not signed, whatever they hold: "+strings.Join(s.NotSigned, ", "))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintf(w, "%s: %s\n", file, line); err != nil {
			return err
		}
	}
	return nil
}
