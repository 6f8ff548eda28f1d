// Package clean removes the most suspicious rows or words of a data set, step by step, and audits
// what remains: a dose–response experiment. [Run] removes, and [Plant] makes data sets of a known
// dose.
package clean

import (
	"context"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/rowscore"
)

// Settings says what [Run] removes from the suspect rows. The zero value of a field means the
// stated default.
type Settings struct {
	By      audit.Detector // whose scores choose; it must have Rank (default the first detector of the audit that has)
	Trait   int            // index of the trait whose scores choose (default 0)
	Shares  []float64      // of all rows or words, each in (0, 1), rising (default 0.01, 0.05, 0.1, 0.2)
	Words   bool           // remove single words, as package sanitise splits them, by the scores of their tokens
	Replace bool           // replace a row by a control row of the same prompt, and a word by a random word of the control
	Random  bool           // choose at random: the comparison for every step
}

// DoseResponse is the result of audits of a data set from which an increasing share was removed.
type DoseResponse struct {
	Schema  string           `json:"schema"`
	Version string           `json:"version"` // of the library
	Digest  undertone.Digest `json:"digest"`  // of the table with this field at zero and without names of data sets

	Suspect audit.DataInfo `json:"suspect"` // as it is
	Control audit.DataInfo `json:"control"`

	By     string `json:"by"` // the detector whose scores chose, or "chance"
	Trait  string `json:"trait"`
	Unit   string `json:"unit"`   // "rows" or "words"
	Action string `json:"action"` // "drop" or "replace"
	Steps  []Step `json:"steps"`  // the first is the data set as it is

	// Top holds the rows with the largest scores, at most ten, largest first. It is absent if the
	// rows or words were chosen at random.
	Top []audit.RowScore `json:"top,omitempty"`
}

// topRows is the length of [DoseResponse.Top].
const topRows = 10

// Step is the audit of the remaining rows.
type Step struct {
	Share    float64       `json:"share"`    // to be removed
	Removed  int           `json:"removed"`  // rows or words
	Replaced int           `json:"replaced"` // of these, by rows or words of the control
	Verdict  audit.Verdict `json:"verdict"`  // on the trait
	Findings []StepFinding `json:"findings"` // of each detector on the trait
	Report   *audit.Report `json:"-"`        // of the audit

	Remaining *undertone.Dataset `json:"-"` // the rows that were audited, in the order of the suspect rows
}

// StepFinding is one finding in short.
type StepFinding struct {
	Detector  string         `json:"detector"`
	Verdict   audit.Verdict  `json:"verdict"`
	Unit      string         `json:"unit"`      // of Effect, Interval and Tolerance
	Tolerance float64        `json:"tolerance"` // smallest effect that matters; 0 if it follows from the positive control
	Effect    audit.Estimate `json:"effect"`
	Interval  audit.Interval `json:"interval"`
	PAdjusted float64        `json:"p_adjusted"`
}

// Run removes the suspect rows with the largest scores, or their words with the largest scores,
// step by step, and audits the remaining rows in the same way. The column of the transfer detector
// shows whether the removed part carried the trait. The effect of the detector that chose falls in
// any case. The verdict of a step is that of one audit of several and promises nothing about the
// remaining rows.
//
// With Words and without Replace, a removed word takes along the text between it and the word
// before it, and rows that become empty are dropped. With Replace, a row without a control row of
// the same prompt is dropped, and a number is replaced by a number.
func Run(ctx context.Context, cfg audit.Config, s Settings) (*DoseResponse, error) {
	r, err := s.run(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("clean: %w", err)
	}
	return r, nil
}

func (s Settings) run(ctx context.Context, cfg audit.Config) (*DoseResponse, error) {
	if s.Shares == nil {
		s.Shares = []float64{0.01, 0.05, 0.1, 0.2}
	}
	if err := s.validate(cfg); err != nil {
		return nil, err
	}
	r := &DoseResponse{By: "chance", Trait: cfg.Traits[s.Trait].Name, Unit: "rows", Action: "drop"}
	var err error
	if r.Suspect, r.Control, err = cfg.Describe(); err != nil {
		return nil, err
	}
	if s.Words {
		r.Unit = "words"
	}
	if s.Replace {
		r.Action = "replace"
	}
	var ranking audit.Ranking // stays empty for chance
	if !s.Random {
		if ranking, err = s.rank(ctx, cfg); err != nil {
			return nil, err
		}
		r.By, r.Top = ranking.Detector, slices.Clone(ranking.Rows[:min(topRows, len(ranking.Rows))])
	}
	remove, err := s.remover(cfg, ranking)
	if err != nil {
		return nil, err
	}
	for _, share := range slices.Concat([]float64{0}, s.Shares) {
		step, err := remove(ctx, share)
		if err == nil {
			err = undertone.ReadErr(cfg.Suspect, cfg.Control)
		}
		if err != nil {
			return nil, err
		}
		if err := step.audit(ctx, cfg, s.Trait); err != nil {
			return nil, fmt.Errorf("without %s of the %s: %w", percent(share), r.Unit, err)
		}
		r.Steps = append(r.Steps, step)
	}
	return r, r.setDigest()
}

// audit audits the remaining rows.
func (s *Step) audit(ctx context.Context, cfg audit.Config, trait int) (err error) {
	cfg.Suspect, cfg.SuspectHistory = s.Remaining, nil
	if s.Report, err = audit.Run(ctx, cfg); err != nil {
		return err
	}
	s.Verdict = s.Report.Traits[trait].Verdict
	for _, f := range s.Report.About(trait) {
		s.Findings = append(s.Findings, StepFinding{f.Detector, f.Verdict, f.Unit, f.Tolerance, f.Effect, f.Interval, f.PAdjusted})
	}
	return nil
}

// validate returns an error if the audit cannot be cleaned with the settings.
func (s Settings) validate(cfg audit.Config) error {
	for _, d := range []undertone.Data{cfg.Suspect, cfg.Control} {
		if _, ok := d.(undertone.Text); !ok {
			return fmt.Errorf("suspect and control must be rows of text, not %T", d)
		}
	}
	if s.Trait < 0 || s.Trait >= len(cfg.Traits) {
		return fmt.Errorf("trait index %d is out of range [0, %d)", s.Trait, len(cfg.Traits))
	}
	for i, share := range s.Shares {
		if !(share > 0 && share < 1) || i > 0 && share <= s.Shares[i-1] {
			return fmt.Errorf("shares are %v, want rising numbers in (0, 1)", s.Shares)
		}
	}
	return nil
}

// rank orders the rows, and scores their tokens if words are removed, by the detector of the
// settings.
func (s Settings) rank(ctx context.Context, cfg audit.Config) (audit.Ranking, error) {
	cfg.Traits = cfg.Traits[s.Trait : s.Trait+1]
	if s.By.Name != "" || s.By.Rank != nil {
		if s.By.Rank == nil {
			return audit.Ranking{}, fmt.Errorf("detector %.40q does not rank rows; set By to a detector with Rank", s.By.Name)
		}
		cfg.Detectors = []audit.Detector{s.By}
	}
	rank := rowscore.Rank
	if s.Words {
		rank = func(ctx context.Context, cfg audit.Config) ([]audit.Ranking, error) {
			return rowscore.RankTokens(ctx, cfg, 0)
		}
	}
	rankings, err := rank(ctx, cfg)
	if err != nil {
		return audit.Ranking{}, err
	}
	return rankings[0], nil
}

// remover removes a share and returns the step with the remaining rows, not yet audited.
type remover func(ctx context.Context, share float64) (Step, error)

func (s Settings) remover(cfg audit.Config, ranking audit.Ranking) (remover, error) {
	rows, control := cfg.Suspect.(undertone.Text), cfg.Control.(undertone.Text)
	if s.Words {
		return removeWords(rows, control, ranking, s.Replace, cfg.Seed)
	}
	return removeRows(rows, control, ranking, s.Replace, cfg.Seed), nil
}
