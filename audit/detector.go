package audit

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

// Detector is one way to look at a data set, as a value. A detector either measures traits, with
// Measure and Judge, or compares the arms, with Compare. It uses nothing but its pass.
//
// The audit runs a detector in two phases. Measure says what was seen and knows no significance
// level. The audit then adjusts the p-values of all findings together, and Judge turns each
// measurement into a verdict. The audit itself names the detector and the trait of a finding, and
// refuses a judgement that its measurement does not support: see [Detector.Check].
//
// Package detectortest checks an implementation.
type Detector struct {
	Name string // unique in an audit, such as "transfer"
	Doc  string // what it does, in one sentence

	Observes    string // the channel that it observes
	Limitations string // what it cannot see

	// Clears declares that an undetected verdict of this detector can clear a trait. The audit then
	// requires of each such verdict an interval within the tolerance and a positive control that
	// was found.
	Clears bool

	// Requires returns an error if the audit lacks what the detector needs. It may be nil.
	Requires func(Config) error

	// Measure returns one measurement for each trait of the pass, in their order. It does not
	// decide by a significance level, and does not depend on the order of rows: sort rows by their
	// IDs before a test that draws random numbers. A measurement is a plain value that JSON keeps.
	Measure func(context.Context, *Pass) ([]Measurement, error)

	// Judge returns the verdict on a measurement. It is a pure function: equal arguments give equal
	// judgements, and the measurement is not changed.
	Judge func(Measurement, Level) Judgement

	// Compare returns what distinguishes the arms, whatever the trait: evidence, never a verdict.
	// Alpha is that of the audit.
	Compare func(ctx context.Context, p *Pass, alpha float64) (*Evidence, error)

	// Rank returns all suspect rows with their scores for each trait, the largest score first. It
	// may be nil. The first tokens rows of each ranking carry the scores of their tokens.
	Rank func(ctx context.Context, p *Pass, tokens int) ([]Ranking, error)
}

// Level is what a judgement may use of the design of the audit.
type Level struct {
	Alpha     float64 // chance of a false detection in the whole audit
	Tests     int     // findings over which alpha is kept
	PAdjusted float64 // p-value of the finding, adjusted by Holm over all findings
	Dose      float64 // largest limit of detection with which a trait is cleared; 0: DefaultDose
}

// dose returns the largest limit of detection with which a trait is cleared.
func (l Level) dose() float64 {
	if l.Dose == 0 {
		return DefaultDose
	}
	return l.Dose
}

// Strictest returns the level of the first step of Holm's procedure: alpha over the number of
// tests.
func (l Level) Strictest() float64 { return l.Alpha / float64(l.Tests) }

// Confidence returns the level of the intervals, 1 − alpha.
func (l Level) Confidence() float64 { return 1 - l.Alpha }

// ReplicatesNeeded returns the number of replicate pairs below which a sign-flip test cannot reach
// the strictest level.
func (l Level) ReplicatesNeeded() int { return stats.MinPairs(l.Alpha, l.Tests) }

// detectorName is what names of detectors look like: reports and file names hold them.
var detectorName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// isTransfer reports whether the detector measures and judges as [Transfer] does. Its name is
// reserved, because it is the detector of this module that can clear a trait.
func (d Detector) isTransfer() bool {
	return d.Measure != nil && reflect.ValueOf(d.Measure).Pointer() == reflect.ValueOf(transfer).Pointer() && d.judgesBy(JudgeReplicates)
}

// judgesBy reports whether the detector judges by a rule.
func (d Detector) judgesBy(rule func(Measurement, Level) Judgement) bool {
	return d.Judge != nil && reflect.ValueOf(d.Judge).Pointer() == reflect.ValueOf(rule).Pointer()
}

func validateDetectors(detectors []Detector) error {
	if len(detectors) == 0 {
		return errors.New("there are no detectors; leave the list nil for the transfer detector")
	}
	seen := map[string]bool{}
	for i, d := range detectors {
		switch {
		case d.Name == "":
			return fmt.Errorf("detector %d has no name", i)
		case seen[d.Name]:
			return fmt.Errorf("detector %.40q is listed twice", d.Name)
		case !detectorName.MatchString(d.Name):
			return fmt.Errorf("detector name %.40q: want lower-case letters, digits and hyphens", d.Name)
		case d.Name == transferName && !d.isTransfer():
			return fmt.Errorf("detector %d uses the name %q, which is reserved for audit.Transfer; choose another name", i, d.Name)
		case slices.Contains(rowDetectors, d.Name) && !d.judgesBy(JudgeRows):
			return fmt.Errorf("detector %d uses the name %q, which is reserved for the detector of package rowscore; choose another name", i, d.Name)
		case d.Measure == nil && d.Compare == nil:
			return fmt.Errorf("detector %.40q has neither Measure nor Compare", d.Name)
		case d.Measure != nil && d.Compare != nil:
			return fmt.Errorf("detector %.40q has both Measure and Compare; split it into two detectors", d.Name)
		case d.Measure != nil && d.Judge == nil:
			return fmt.Errorf("detector %.40q has Measure but no Judge", d.Name)
		case d.Clears && d.Measure == nil:
			return fmt.Errorf("detector %.40q declares that it can clear a trait but has no Measure", d.Name)
		}
		seen[d.Name] = true
	}
	return nil
}

// Evidence is what a detector says about the difference between the arms.
type Evidence struct {
	Detector  string       `json:"detector"`
	Differ    bool         `json:"differ"`    // the arms can be told apart
	Statement string       `json:"statement"` // in words
	Measure   string       `json:"measure"`   // what Value is, such as "AUROC of bags of 16 rows"
	Value     float64      `json:"value"`     // how well the arms can be told apart
	P         stats.PValue `json:"p"`         // one-sided
	Top       []RowScore   `json:"top"`       // suspect rows that differ most; never null
	Warnings  []string     `json:"warnings"`  // never null
}

// validate returns an error that completes the sentence "its evidence has …".
func (e *Evidence) validate(suspect undertone.Data) error {
	switch {
	case e.Statement == "":
		return errors.New("no statement")
	case !finite(e.Value) || !validP(e.P):
		return fmt.Errorf("value %v and p-value %v with floor %v, want a finite value and 0 <= floor <= p, 0 < p <= 1", e.Value, e.P.P, e.P.Floor)
	}
	for _, row := range e.Top {
		if row.Index < 0 || row.Index >= suspect.Len() || !finite(row.Score) {
			return fmt.Errorf("row %d with score %v, want a suspect row and a finite score", row.Index, row.Score)
		}
	}
	return nil
}

// RowScore is the score of one row.
type RowScore struct {
	Row   undertone.Digest `json:"row"`   // row ID
	Index int              `json:"index"` // in the data set, from 0
	Score float64          `json:"score"`
}

// Ranking is the attribution of one detector to one trait: all suspect rows, the largest score
// first.
type Ranking struct {
	Detector string         `json:"detector"`
	Trait    string         `json:"trait"`
	Rows     []RowScore     `json:"rows"`
	Tokens   [][]TokenScore `json:"tokens,omitempty"` // of the first rows, in their order
}

// TokenScore is the part of one token in the score of its row. The scores of the tokens of a row
// sum to the score of the row.
type TokenScore struct {
	Token string  `json:"token"` // as the vocabulary spells it
	From  int     `json:"from"`  // the token writes the bytes [From, To) of the completion; see [undertone.TokenLogProb]
	To    int     `json:"to"`
	Score float64 `json:"score"` // in the unit of the row score
}
