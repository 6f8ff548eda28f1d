package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/provenance"
)

// testedFlag adds the verdicts of an audit to the manifest of the suspect.
type testedFlag struct {
	AddTested bool `help:"Add the verdicts to the manifest beside --suspect, with the digest of the report and the date. Needs --out (default: the report alone holds them)."`
}

// check returns an error, before the audit, if there would be no report to name or no manifest.
func (f testedFlag) check(suspect, out string) error {
	if !f.AddTested {
		return nil
	}
	if out == "" || out == standard {
		return errors.New("--add-tested needs --out: the manifest names the report by its digest")
	}
	if _, err := provenance.ReadManifest(suspect); err != nil {
		return fmt.Errorf("--add-tested: %w", err)
	}
	return nil
}

// add writes the verdicts into the manifest beside the suspect. It refuses a manifest that does not
// describe the rows of the report.
func (f testedFlag) add(suspect string, report *audit.Report, now time.Time) error {
	if !f.AddTested {
		return nil
	}
	p := report.Provenance()
	var tests []provenance.Test
	for _, t := range p.Traits {
		tests = append(tests, provenance.Test{
			Trait: t.Trait, Verdict: t.Verdict, Limit: t.Limit, Student: p.Student, Report: p.Digest, Date: now.UTC().Format(time.DateOnly),
		})
	}
	m, err := provenance.ReadManifest(suspect)
	switch {
	case err != nil:
		return fmt.Errorf("--add-tested: %w", err)
	case m.Subject.Content.Rows == nil || p.Order.IsZero() || m.Subject.Content.Rows.Order != p.Order:
		return fmt.Errorf("--add-tested: %s describes other rows than the audit has seen: write the rows again, or leave the flag out", provenance.Path(filepath.Base(suspect)))
	}
	if m, err = m.WithTests(tests...); err != nil {
		return fmt.Errorf("--add-tested: %w", err)
	}
	return provenance.Write(suspect, m)
}
