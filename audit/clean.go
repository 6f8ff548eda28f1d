package audit

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Cleaning says what [Clean] takes away from the suspect rows. The zero value of a field means the stated default.
type Cleaning struct {
	By      Detector  // whose scores say what is suspicious, one that scores rows; the first such detector of the audit
	Trait   int       // of the audit, whose scores they are
	Shares  []float64 // of all rows, or words, in (0, 1), rising; .01, .05, .1, .2
	Words   bool      // takes single words of rows, as package sanitise cuts them, by the scores of their tokens
	Replace bool      // puts a control row of the same prompt in the place of each, and drops a row for which there is none; of words, a random one of the control's
	Random  bool      // takes at random, which is what a step must be compared with
}

// DoseResponse is what audits say of a data set from which ever more of what is suspicious was taken.
type DoseResponse struct {
	By     string      `json:"by"` // the detector whose scores chose, or "chance"
	Trait  string      `json:"trait"`
	Unit   string      `json:"unit"`   // "rows" or "words"
	Action string      `json:"action"` // "drop" or "replace"
	Steps  []CleanStep `json:"steps"`  // the first is the data set as it is
}

// CleanStep is the audit of what is left.
type CleanStep struct {
	Share    float64       `json:"share"`    // that was to be taken
	Taken    int           `json:"taken"`    // rows, or words
	Replaced int           `json:"replaced"` // of these, by the control's
	Verdict  Verdict       `json:"verdict"`  // on the trait
	Findings []StepFinding `json:"findings"` // of each detector on the trait
	Report   *Report       `json:"-"`

	Left *undertone.Dataset `json:"-"` // the rows that were audited, in the order of the suspect's
}

// StepFinding is one finding in short.
type StepFinding struct {
	Detector  string  `json:"detector"`
	Verdict   Verdict `json:"verdict"`
	Effect    Effect  `json:"effect"`
	PAdjusted float64 `json:"p_adjusted"`
}

// Clean takes the suspect rows with the largest scores away, or their words with the largest scores, step by step, and carries out
// the same audit of what is left. The transfer detector's column shows whether they carried
// the trait. The column of the detector that chose them falls whether or not they did.
// Nothing is promised of what is left: the verdict of a step is that of one audit of several.
//
// A word is replaced by a random word of the control's, numbers by numbers. One that is dropped takes along what
// stands between it and the word before it, and a row that no word is left of is dropped.
func Clean(ctx context.Context, cfg Config, how Cleaning) (*DoseResponse, error) {
	if how.Shares == nil {
		how.Shares = []float64{0.01, 0.05, 0.1, 0.2}
	}
	if err := how.check(cfg); err != nil {
		return nil, fmt.Errorf("audit: clean: %w", err)
	}
	r := &DoseResponse{By: "chance", Trait: cfg.Traits[how.Trait].Name, Unit: "rows", Action: "drop"}
	if how.Words {
		r.Unit = "words"
	}
	if how.Replace {
		r.Action = "replace"
	}
	var ranking Ranking // is empty for chance
	if !how.Random {
		var err error
		if ranking, err = how.rank(ctx, cfg); err != nil {
			return nil, err
		}
		r.By = ranking.Detector
	}
	cut, err := how.cutter(cfg, ranking)
	if err != nil {
		return nil, fmt.Errorf("audit: clean: %w", err)
	}
	for _, share := range slices.Concat([]float64{0}, how.Shares) {
		step, err := cut(ctx, share)
		if err != nil {
			return nil, fmt.Errorf("audit: clean: %w", err)
		}
		left := cfg
		left.Suspect = step.Left
		if step.Report, err = Run(ctx, left); err != nil {
			return nil, fmt.Errorf("without %g %% of the %s: %w", 100*share, r.Unit, err)
		}
		step.Verdict = step.Report.Traits[how.Trait].Verdict
		for _, f := range step.Report.about(how.Trait) {
			step.Findings = append(step.Findings, StepFinding{f.Detector, f.Verdict, f.Effect, f.PAdjusted})
		}
		r.Steps = append(r.Steps, step)
	}
	return r, nil
}

// check returns an error that says why an audit cannot be cleaned so.
func (how Cleaning) check(cfg Config) error {
	for _, d := range []undertone.Data{cfg.Suspect, cfg.Control} {
		if _, ok := d.(undertone.Text); !ok {
			return fmt.Errorf("want suspect and control rows of text, not a %T", d)
		}
	}
	if how.Trait < 0 || how.Trait >= len(cfg.Traits) {
		return fmt.Errorf("trait %d of %d", how.Trait, len(cfg.Traits))
	}
	for i, s := range how.Shares {
		if !(s > 0 && s < 1) || i > 0 && s <= how.Shares[i-1] {
			return fmt.Errorf("shares are %v, want rising numbers between 0 and 1", how.Shares)
		}
	}
	return nil
}

// rank orders the rows, and scores their words, by the detector that the caller chose.
func (how Cleaning) rank(ctx context.Context, cfg Config) (Ranking, error) {
	cfg.Traits = cfg.Traits[how.Trait : how.Trait+1]
	if how.By.Run != nil {
		cfg.Detectors = []Detector{how.By}
	}
	var rankings []Ranking
	var err error
	if how.Words {
		rankings, err = RankTokens(ctx, cfg, 0)
	} else {
		rankings, err = Rank(ctx, cfg)
	}
	if err != nil {
		return Ranking{}, err
	}
	if len(rankings) == 0 {
		return Ranking{}, fmt.Errorf("audit: clean: no detector scores rows; add LikelihoodRatio or Influence")
	}
	return rankings[0], nil
}

// cutter takes a share away and says what is left; the rest of the step is blank.
type cutter func(ctx context.Context, share float64) (CleanStep, error)

func (how Cleaning) cutter(cfg Config, ranking Ranking) (cutter, error) {
	rows, control := cfg.Suspect.(undertone.Text), cfg.Control.(undertone.Text)
	if how.Words {
		return cutWords(rows, control, ranking, how.Replace, cfg.Seed)
	}
	return cutRows(rows, control, ranking, how.Replace, cfg.Seed), nil
}

// cutRows takes the first rows of a ranking, or random ones if it is empty.
func cutRows(rows, control undertone.Text, ranking Ranking, replace bool, seed uint64) cutter {
	order := student.Order(rows, seed, 0)
	for i, row := range ranking.Rows {
		order[i] = row.Index
	}
	return func(_ context.Context, share float64) (CleanStep, error) {
		step := CleanStep{Share: share, Taken: int(math.Round(share * float64(rows.Len())))}
		step.Left, step.Replaced = without(rows, order[:step.Taken], control, replace)
		return step, nil
	}
}

// without returns rows but for the given ones, for each of which a control row of the same
// prompt stands in where there is one left, and their number.
func without(rows undertone.Text, taken []int, control undertone.Text, replace bool) (*undertone.Dataset, int) {
	substitutes := map[undertone.Digest][]int{}
	if replace {
		for i := range control.Len() {
			substitutes[control.GroupID(i)] = append(substitutes[control.GroupID(i)], i)
		}
	}
	gone := make(map[int]bool, len(taken))
	for _, i := range taken {
		gone[i] = true
	}
	var left undertone.Builder
	replaced := 0
	for i := range rows.Len() {
		if !gone[i] {
			left.AddRow(rows, i)
			continue
		}
		if same := substitutes[rows.GroupID(i)]; len(same) > 0 {
			left.AddRow(control, same[0])
			substitutes[rows.GroupID(i)] = same[1:]
			replaced++
		}
	}
	return left.Dataset(rows.Name()), replaced
}

// Plant returns the control with the stated share of its rows replaced by planted rows of the same
// prompt, chosen by the seed: a data set of a known dose, to see whether an audit finds it. Rows
// whose prompt no planted row answers are not replaced; the number of those that are is returned, too.
func Plant(control, planted undertone.Text, share float64, seed uint64) (*undertone.Dataset, int) {
	answered := map[undertone.Digest]bool{}
	for i := range planted.Len() {
		answered[planted.GroupID(i)] = true
	}
	order := slices.DeleteFunc(student.Order(control, seed, 0), func(i int) bool { return !answered[control.GroupID(i)] })
	n := min(len(order), int(math.Round(max(0, share)*float64(control.Len()))))
	mixed, replaced := without(control, order[:n], planted, true)
	return mixed, replaced
}
