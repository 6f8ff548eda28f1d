package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

// Run carries out the audit: every detector measures or compares, the p-values of all measurements
// are adjusted together, every measurement is judged, and the rules of [TraitVerdict] combine the
// findings. Run returns ctx's error soon after ctx is done; finished work is in cfg.Store.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	report, err := perform(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return report, nil
}

func perform(ctx context.Context, cfg Config) (*Report, error) {
	pass, err := NewPass(ctx, cfg)
	if err != nil {
		return nil, err
	}
	cfg = pass.cfg
	confounds, err := cfg.confounds(ctx)
	if err != nil {
		return nil, err
	}
	report := newReport(pass, confounds)
	if report.Lineage, err = cfg.lineage(ctx); err != nil {
		return nil, err
	}
	for _, d := range cfg.Detectors {
		pass := pass.fresh()
		report.Detectors = append(report.Detectors, DetectorInfo{d.Name, d.Doc, d.Observes, d.Limitations, d.Clears})
		if d.Compare != nil {
			e, err := pass.compare(ctx, d)
			if err != nil {
				return nil, fmt.Errorf("detector %q: %w", d.Name, err)
			}
			report.Evidence = append(report.Evidence, *e)
			continue
		}
		findings, err := pass.findings(ctx, d)
		if err != nil {
			return nil, fmt.Errorf("detector %q: %w", d.Name, err)
		}
		report.Findings = append(report.Findings, findings...)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	if err := pass.readErr(); err != nil {
		return nil, err
	}
	if err := judge(cfg, report.Findings); err != nil {
		return nil, err
	}
	report.conclude(cfg)
	return report, report.seal()
}

// compare runs a detector that compares the arms.
func (p *Pass) compare(ctx context.Context, d Detector) (e *Evidence, err error) {
	defer recovered("Compare", &err)
	if e, err = d.Compare(ctx, p, p.cfg.Alpha); err != nil {
		return nil, err
	}
	if e == nil {
		return nil, errors.New("it returned no evidence and no error")
	}
	if err := e.validate(p.Suspect); err != nil {
		return nil, fmt.Errorf("its evidence has %w", err)
	}
	e.Detector = d.Name
	e.Top, e.Warnings = append([]RowScore{}, e.Top...), append([]string{}, e.Warnings...)
	return e, nil
}

// Measure runs the Measure function of a detector and checks the measurements: one for each trait,
// each valid, with a positive control that is the one of the trait. [Pass.Provisional] then judges
// as the detector does.
func (p *Pass) Measure(ctx context.Context, d Detector) (measurements []Measurement, err error) {
	defer recovered("Measure", &err)
	level := Level{Alpha: p.cfg.Alpha, Tests: p.cfg.tests(), Dose: p.cfg.Dose}
	p.judge = func(m Measurement) Judgement {
		level.PAdjusted = min(1, m.TestedP()*float64(level.Tests))
		return d.Judge(m, level)
	}
	if measurements, err = d.Measure(ctx, p); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	traits := p.cfg.Traits // the detector may have changed those of the pass
	if len(measurements) != len(traits) {
		return nil, fmt.Errorf("%d measurements for %d traits", len(measurements), len(traits))
	}
	for t, m := range measurements {
		if err := m.Validate(); err != nil {
			return nil, fmt.Errorf("its measurement of trait %.40q has %w", traits[t].Name, err)
		}
		if trait := traits[t]; m.Unit == trait.Scale.Unit() && m.Tolerance > trait.Tolerance*(1+1e-9) {
			return nil, fmt.Errorf("its measurement of trait %.40q has a tolerance of %g, above that of the trait, %g", trait.Name, m.Tolerance, trait.Tolerance)
		}
		if c, want := m.PositiveControl, traits[t].PositiveControl; c != nil && (want == nil || c.Data.Digest != want.Digest()) {
			return nil, fmt.Errorf("its measurement of trait %.40q has a positive control that is not the one of the trait", traits[t].Name)
		}
	}
	return measurements, nil
}

// findings measures all traits with a detector and names the findings.
func (p *Pass) findings(ctx context.Context, d Detector) ([]Finding, error) {
	measurements, err := p.Measure(ctx, d)
	if err != nil {
		return nil, err
	}
	findings := make([]Finding, len(measurements))
	for t, m := range measurements {
		m.Warnings = append([]string{}, m.Warnings...)
		findings[t] = Finding{Detector: d.Name, Trait: p.cfg.Traits[t].Name, Measurement: m}
	}
	return findings, nil
}

// judge adjusts the p-values of all findings together and judges each finding. It refuses a verdict
// that the measurement does not support.
func judge(cfg Config, findings []Finding) error {
	detectors := map[string]Detector{}
	for _, d := range cfg.Detectors {
		detectors[d.Name] = d
	}
	values := make([]float64, len(findings))
	for i := range findings {
		values[i] = findings[i].TestedP()
	}
	for i, adjusted := range stats.Holm(values) {
		f := &findings[i]
		d, level := detectors[f.Detector], Level{Alpha: cfg.Alpha, Tests: len(findings), PAdjusted: adjusted, Dose: cfg.Dose}
		f.PAdjusted = adjusted
		var err error
		if f.Judgement, err = judgeCopy(d, f.Measurement, level); err != nil {
			return fmt.Errorf("detector %q: trait %.40q: %w", f.Detector, f.Trait, err)
		}
		if err := d.Check(f.Measurement, level, f.Judgement); err != nil {
			return fmt.Errorf("detector %q: its judgement of trait %.40q is refused: %w", f.Detector, f.Trait, err)
		}
		if s := f.RowScores; s != nil && s.Relabelled != nil {
			short := *s
			short.Relabelled = nil
			f.RowScores = &short
		}
	}
	return nil
}

// judgeCopy judges a copy of the measurement, so that a Judge function cannot change what is
// checked and reported.
func judgeCopy(d Detector, m Measurement, l Level) (j Judgement, err error) {
	defer recovered("Judge", &err)
	text, err := json.Marshal(m)
	if err != nil {
		return j, err
	}
	var own Measurement
	if err := json.Unmarshal(text, &own); err != nil {
		return j, err
	}
	return d.Judge(own, l), nil
}

// recovered turns a panic of a function of a detector into an error.
func recovered(function string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%s panicked: %v", function, r)
	}
}

// DataInfo names a data set in a report.
type DataInfo struct {
	Name   string           `json:"name"`   // not part of the digest of a report
	Digest undertone.Digest `json:"digest"` // of the rows in any order
	Order  undertone.Digest `json:"order"`  // of the rows in their order
	Rows   int              `json:"rows"`
	Used   int              `json:"used,omitempty"` // rows that the audit sees; absent if it sees all

	// Shared is the number of suspect rows that the control has too ([provenance.SharedRows]), of
	// those that the audit sees. It is absent for other data.
	Shared int `json:"shared,omitempty"`

	// History says where the rows come from. It is absent if nothing is known.
	History *History `json:"history,omitempty"`
}

// DescribeData returns the information about a data set.
func DescribeData(d undertone.Data) DataInfo {
	h := undertone.NewHasher("order of rows")
	for i := range d.Len() {
		h.Digest(d.RowID(i))
	}
	return DataInfo{Name: d.Name(), Digest: d.Digest(), Order: h.Sum(), Rows: d.Len()}
}

// see notes how many rows the audit sees.
func (d *DataInfo) see(used undertone.Data) {
	if used.Len() < d.Rows {
		d.Used = used.Len()
	}
}

// seen returns the share of the rows that the audit sees.
func (d DataInfo) seen() float64 {
	if d.Used == 0 {
		return 1
	}
	return float64(d.Used) / float64(d.Rows)
}
