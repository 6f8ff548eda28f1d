package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Run carries out the audit. It returns ctx's error soon after ctx is done;
// replicates that were finished by then are in cfg.Store.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	cfg, err := cfg.resolve()
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	pass := &Pass{Config: cfg, lab: newLab(cfg)}
	report := newReport(cfg)
	for _, d := range cfg.Detectors {
		if d.Requires != nil {
			if err := d.Requires(cfg); err != nil {
				return nil, fmt.Errorf("audit: detector %s: %w", d.Name, err)
			}
		}
		findings, err := d.Run(ctx, pass)
		if err != nil {
			return nil, fmt.Errorf("audit: detector %s: %w", d.Name, err)
		}
		report.Detectors = append(report.Detectors, DetectorNote{d.Name, d.Doc, d.Sees, d.Blind})
		report.Findings = append(report.Findings, findings...)
	}
	report.Verdict = overall(report.Findings)
	if err := report.seal(); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return report, nil
}

// member returns replicate r's untrained student.
func member(base student.Student, r int) (student.Student, error) {
	p, ok := base.(student.Population)
	if !ok {
		return base, nil
	}
	s, err := p.Member(r)
	if err != nil {
		return nil, fmt.Errorf("student of replicate %d: %w", r, err)
	}
	return s, nil
}

// errNoRows is wrapped with the arm and the replicate.
var errNoRows = errors.New("no rows are left for this replicate; use fewer replicates or the row plan \"share\"")

// DataNote names a data set in a report.
type DataNote struct {
	Name   string           `json:"name"`
	Digest undertone.Digest `json:"digest"`
	Rows   int              `json:"rows"`
}

func note(d undertone.Data) DataNote { return DataNote{d.Name(), d.Digest(), d.Len()} }
