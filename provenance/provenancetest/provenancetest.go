// Package provenancetest lets a test demand that rows may be used by a policy.
package provenancetest

import (
	"testing"
	"time"

	"github.com/undertone-audit/undertone/provenance"
)

// RequireAllowed ends the test unless the policy allows a student to be trained on the rows of the
// evidence, and logs every refusal with its remedy. Now is the time with which the ages of reports
// are computed. A test that is to fail when a report expires passes time.Now().
func RequireAllowed(t testing.TB, p *provenance.Policy, e provenance.Evidence, student provenance.Model, now time.Time) {
	t.Helper()
	refusals, err := provenance.Check(p, e, student, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range refusals {
		t.Errorf("refused by %s: %s; remedy: %s", r.Rule, r.Reason, r.Remedy)
	}
	if len(refusals) > 0 {
		t.FailNow()
	}
}
