package evidence

import (
	"fmt"
	"slices"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/provenance/dsse"
	"github.com/undertone-audit/undertone/provenance/intoto"
	"github.com/undertone-audit/undertone/provenance/keys"
	"github.com/undertone-audit/undertone/provenance/oms"
)

// Opened is a statement whose signatures were verified.
type Opened struct {
	Statement *intoto.Statement
	Signers   []*keys.Public // the trusted keys that have signed, each once
	Validity  Validity
}

// Open verifies an envelope with a statement of the types that this project writes, and that it is
// valid at a time.
func Open(e *dsse.Envelope, trust dsse.Trust, now time.Time) (*Opened, error) {
	s, signers, err := intoto.Verify(e, trust, intoto.TestResultType, intoto.ProvenanceType)
	if err != nil {
		return nil, err
	}
	o := &Opened{Statement: s, Signers: signers}
	if o.Validity, err = validityOf(s); err == nil {
		err = o.Validity.check(now)
	}
	if err == nil {
		_, err = o.vouched()
	}
	if err != nil {
		return nil, fmt.Errorf("evidence: statement: %w", err)
	}
	return o, nil
}

// vouched returns the artifacts that the predicate names as what it was made with or from, and for
// which the signer vouches: the configuration of a test, the byproducts of a build.
func (o *Opened) vouched() ([]intoto.ResourceDescriptor, error) {
	if o.Statement.PredicateType == intoto.TestResultType {
		r, err := o.Statement.TestResult()
		if err != nil {
			return nil, err
		}
		return r.Configuration, nil
	}
	p, err := o.Statement.Provenance()
	if err != nil {
		return nil, err
	}
	return p.RunDetails.Byproducts, nil
}

// Attestations returns what a policy needs of the statement: one attestation for each signer.
func (o *Opened) Attestations() []provenance.Attestation {
	a := provenance.Attestation{Predicate: o.Statement.PredicateType, Time: o.Validity.SignedAt}
	vouched, _ := o.vouched() // Open has checked the predicate
	for _, d := range o.Statement.Subject {
		a.Subjects = appendKnown(a.Subjects, digest(d.Digest, intoto.SHA256))
		a.Rows = appendKnown(a.Rows, digest(d.Digest, intoto.UndertoneRows))
	}
	for _, d := range slices.Concat(o.Statement.Subject, vouched) {
		a.Documents = appendKnown(a.Documents, digest(d.Digest, intoto.UndertoneReport))
		a.Documents = appendKnown(a.Documents, digest(d.Digest, intoto.UndertoneManifest))
	}
	a.Detected = o.detected()
	all := make([]provenance.Attestation, len(o.Signers))
	for i, key := range o.Signers {
		all[i] = a
		all[i].Signer = key.ID()
	}
	return all
}

// detected returns the traits that a test result FAILED names, "" if it names none, and nothing for
// other statements.
func (o *Opened) detected() []string {
	if o.Statement.PredicateType != intoto.TestResultType {
		return nil
	}
	r, err := o.Statement.TestResult()
	switch {
	case err != nil || r.Result != intoto.Failed && len(r.FailedTests) == 0:
		return nil
	case len(r.FailedTests) == 0:
		return []string{""}
	}
	return r.FailedTests
}

// Folder returns what a policy needs of a folder that a key has signed, once its files were
// compared with the manifest ([oms.Manifest.Check]): an attestation about the files. Parts of files
// are left out, because they are no files.
func Folder(m *oms.Manifest, signer *keys.Public) provenance.Attestation {
	a := provenance.Attestation{Signer: signer.ID(), Predicate: oms.PredicateType}
	if m.Serialization.Method != oms.Files {
		return a
	}
	for _, r := range m.Resources {
		a.Subjects = appendKnown(a.Subjects, digest(intoto.DigestSet{intoto.SHA256: r.Digest}, intoto.SHA256))
	}
	return a
}

func appendKnown(all []undertone.Digest, d undertone.Digest) []undertone.Digest {
	if d.IsZero() {
		return all
	}
	return append(all, d)
}
