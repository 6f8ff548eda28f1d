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
	report, _, err := perform(ctx, cfg)
	return report, err
}

// perform is [Run]; the pass has the scores of all rows besides.
func perform(ctx context.Context, cfg Config) (*Report, *Pass, error) {
	cfg, err := cfg.resolve()
	if err != nil {
		return nil, nil, fmt.Errorf("audit: %w", err)
	}
	pass := &Pass{Config: cfg, Tests: cfg.tests(), lab: newLab(cfg)}
	report := newReport(pass)
	if err := pass.measure(ctx, report); err != nil {
		return nil, nil, fmt.Errorf("audit: %w", err)
	}
	if err := pass.judge(ctx, report.Findings); err != nil {
		return nil, nil, fmt.Errorf("audit: %w", err)
	}
	report.conclude(pass)
	if err := report.seal(); err != nil {
		return nil, nil, fmt.Errorf("audit: %w", err)
	}
	return report, pass, nil
}

// measure lets every detector look; verdicts are left to judge.
func (p *Pass) measure(ctx context.Context, report *Report) error {
	for _, d := range p.Detectors {
		report.Detectors = append(report.Detectors, DetectorNote{d.Name, d.Doc, d.Observes, d.Limitations})
		if d.Compare != nil {
			e, err := d.Compare(ctx, p)
			if err != nil {
				return fmt.Errorf("detector %s: %w", d.Name, err)
			}
			if e == nil {
				return fmt.Errorf("detector %s: it returned no evidence and no error", d.Name)
			}
			e.Detector = d.Name
			e.Top, e.Warnings = append([]RowScore{}, e.Top...), append([]string{}, e.Warnings...)
			report.Evidence = append(report.Evidence, *e)
			continue
		}
		findings, err := d.Run(ctx, p)
		if err != nil {
			return fmt.Errorf("detector %s: %w", d.Name, err)
		}
		if len(findings) != len(p.Traits) {
			return fmt.Errorf("detector %s: %d findings for %d traits", d.Name, len(findings), len(p.Traits))
		}
		report.Findings = append(report.Findings, findings...)
	}
	return nil
}

// member returns replicate r's untrained student.
func member(base student.Student, r int) (student.Student, error) {
	p, ok := base.(student.Ensemble)
	if !ok {
		return base, nil
	}
	s, err := p.Replicate(r)
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
