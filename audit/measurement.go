package audit

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/undertone-audit/undertone/audit/stats"
)

// Measurement is what a detector saw of one trait. It holds no decision and no significance level.
// It is a plain value: JSON keeps it, and [Detector.Judge] gives the same judgement of a value that
// was written and read.
type Measurement struct {
	Unit      string       `json:"unit"`      // of Effect, Tolerance and Placebos, such as "nats of logit margin"
	Effect    Estimate     `json:"effect"`    // suspect minus control
	P         stats.PValue `json:"p"`         // one-sided; null: the suspect rows carry no more of the trait than the control rows
	Tolerance float64      `json:"tolerance"` // smallest effect that matters, in Unit; 0 if it follows from the positive control

	Placebos        *PlaceboRank     `json:"placebos"`         // null without placebos
	PositiveControl *PositiveControl `json:"positive_control"` // null if it was not given or not needed

	Replicates *ReplicateMeasurement `json:"replicates,omitempty"` // of a detector that trains students
	RowScores  *RowMeasurement       `json:"row_scores,omitempty"` // of a detector that scores rows

	Warnings []string `json:"warnings"` // never null
}

// Estimate is a mean over independent units with its standard error.
type Estimate struct {
	Mean float64 `json:"mean"`
	SE   float64 `json:"se"` // standard error of Mean
	N    int     `json:"n"`  // units: replicate pairs, or rows
	DF   float64 `json:"df"` // degrees of freedom of Student's t; 0: normal distribution; -1: SE is unknown and 0
}

// UnknownDF is the DF of an estimate whose standard error is unknown, such as that of one prompt
// with a single row per arm. Its interval is unbounded, so it supports no verdict of undetected.
const UnknownDF = -1

// ReplicateMeasurement is the detail of a detector that trains students. The unit of inference is
// the replicate pair.
type ReplicateMeasurement struct {
	Scale       Scale      `json:"scale"`                 // of Differences
	Differences []float64  `json:"differences"`           // suspect minus control, replicate by replicate: what P tests
	SD          float64    `json:"sd"`                    // standard deviation of Differences
	RowsEach    int        `json:"rows_each"`             // rows that each replicate was trained on, a mean
	Whole       *Whole     `json:"whole"`                 // students of all rows, which give Effect; null if Effect is that of Differences
	Exchanged   []float64  `json:"exchanged,omitempty"`   // differences after random exchanges of rows between the arms, which P compares Effect with; absent if P tests Differences
	PartOnly    bool       `json:"part_only"`             // Effect is that of students of a part of the rows, so it clears nothing
	SuspectUsed float64    `json:"suspect_used"`          // share of the suspect rows that the students of Effect were trained on, in (0, 1]
	Planned     int        `json:"planned"`               // replicates per arm of the design
	Interim     bool       `json:"interim,omitempty"`     // the design has interim looks, so tests and intervals hold at any number of pairs
	EValue      float64    `json:"e_value,omitempty"`     // of a design with interim looks: P is 1/EValue
	Control     Estimate   `json:"control_shift"`         // control minus untrained student on Scale, of the students of Effect: a control without the trait moves it only by drift
	PPlacebo    float64    `json:"p_placebos"`            // of the effect as one more draw from the placebo effects; 0 with fewer than 3 placebos
	NeverGiven  []string   `json:"never_given,omitempty"` // outcomes that the untrained student never gives, so that log-odds with them are noise
	Samples     int        `json:"samples,omitempty"`     // completions per question from which answers are estimated; 0 if their probabilities are exact
	Judge       *JudgeInfo `json:"judge,omitempty"`       // the model that reads the answers; absent if none does
	Mass        float64    `json:"mass"`                  // probability of all outcomes together, of the untrained students, a mean over probes
	Seed        uint64     `json:"seed"`                  // of the simulation of the limit of detection

	Shifts            map[Scale]Shift    `json:"shifts"`             // on all three scales
	DistributionShift *DistributionShift `json:"distribution_shift"` // of the answers to the probes
	Indirect          *DistributionShift `json:"indirect,omitempty"` // of the answers to indirect probes; absent if there are none
}

// Whole holds replicates that were trained on all rows of an arm.
type Whole struct {
	Rows        int       `json:"rows"`        // rows that each was trained on: those of the smaller arm
	Differences []float64 `json:"differences"` // suspect minus control, replicate by replicate
	SD          float64   `json:"sd"`          // standard deviation of Differences
}

// Shift is one scale of one trait, as means over replicates.
type Shift struct {
	Before      float64   `json:"before"`      // the untrained student
	Suspect     float64   `json:"suspect"`     // after training on suspect rows
	Control     float64   `json:"control"`     // after training on control rows
	Differences []float64 `json:"differences"` // suspect minus control, replicate by replicate
}

// RowMeasurement is the detail of a detector that gives each row a score for the trait and for each
// placebo. The scores for the placebos are used to centre the score for the trait: their mean is
// subtracted or, where scores are log-likelihood ratios, what a regression on them predicts. This
// cancels what all fine-tuning shares, such as generic drift.
type RowMeasurement struct {
	Prompts  int     `json:"prompts"` // that both arms answer; rows of other prompts are left out
	Suspect  Scores  `json:"suspect"`
	Control  Scores  `json:"control"`
	PPlacebo float64 `json:"p_placebos"` // of the effect as one more draw from the placebo effects, by [stats.OutlierTest]

	// Clusters is the number of independent rows of both arms that the test relabels. Copies of a
	// row count once, and so do rows of one conversation or episode. SmallestP is the smallest
	// p-value that this number allows, 1 over the number of labellings; 0 if unknown.
	Clusters  int     `json:"clusters"`
	SmallestP float64 `json:"p_smallest"`

	// Kinds is the number of kinds of scores that were compared, such as those of surrogates that
	// were made in several ways; 0 means 1. The effect of a candidate is the largest over kinds.
	// Kind names the one with the largest effect of the trait: the measurement reports its scores,
	// and placebo effects in its unit.
	Kinds int    `json:"kinds,omitempty"`
	Kind  string `json:"kind,omitempty"`

	// OvertDose is the number of overt trait rows with the same total influence as the suspect rows
	// beyond that of the control rows, both centred. It is absent if the detector does not measure
	// it.
	OvertDose *Dose `json:"overt_equivalent_dose,omitempty"`

	// NullQuantiles holds the 0 %, 5 %, …, 100 % quantiles, to four digits, of the effect after
	// random relabelling of the arms within prompts: the null distribution of P.
	NullQuantiles []float64 `json:"null_quantiles,omitempty"`

	Top []RowScore `json:"top"` // suspect rows with the largest centred scores, largest first

	// Relabelled holds effects after random relabelling of the arms within prompts:
	// [draw][candidate], the trait first and then its placebos, and if there are several kinds then
	// those of the next kind. With the effects of PositiveControl.Candidates it gives the limit of
	// detection. Reports leave it out.
	Relabelled [][]float64 `json:"relabelled,omitempty"`
}

// Dose is an estimate in overt rows: the effect times Scale.
type Dose struct {
	Mean  float64 `json:"mean"`  // overt rows
	Scale float64 `json:"scale"` // overt rows per unit of effect
}

// Scores summarises the scores of one arm for the trait.
type Scores struct {
	Rows     int      `json:"rows"`
	Raw      float64  `json:"raw"`      // mean before centring
	Centred  float64  `json:"centred"`  // mean after centring
	Positive float64  `json:"positive"` // share of rows with a centred score above 0, in [0, 1]
	Sign     SignTest `json:"sign"`     // of the scores before centring

	// Quantiles holds the 0 %, 5 %, …, 100 % quantiles of the centred scores, to four digits.
	Quantiles []float64 `json:"quantiles,omitempty"`
}

// SignTest tests the scores of an arm against zero and needs no other arm. Rows of the base have a
// negative mean log-likelihood ratio, −KL(base‖surrogate), and zero mean influence, which is
// centred already; rows of a teacher like the surrogate have a positive one. Filters and generic
// drift move the zero, so no verdict rests on this test. The unit is the prompt.
type SignTest struct {
	Prompts  int          `json:"prompts"`  // with a mean score other than 0
	Positive int          `json:"positive"` // of these, above 0
	P        stats.PValue `json:"p"`        // exact, one-sided: more prompts above 0 than below
}

// PlaceboRank compares the effect of the trait with the effects of its placebos.
type PlaceboRank struct {
	Rank    int             `json:"rank"` // of the trait; 1 is the largest effect
	Of      int             `json:"of"`   // the trait and its placebos
	Effects []PlaceboEffect `json:"effects"`
}

// PlaceboEffect is the mean effect of one placebo.
type PlaceboEffect struct {
	Name string  `json:"name"`
	Mean float64 `json:"mean"`
}

// PositiveControl is the same measurement with planted rows in place of the suspect rows: rows that
// are known to carry the trait, alone or among control rows.
type PositiveControl struct {
	Data        DataInfo     `json:"data"`
	Dose        float64      `json:"dose"` // share of the planted rows that carry the trait, in (0, 1]; 0 means 1
	Effect      Estimate     `json:"effect"`
	P           stats.PValue `json:"p"`
	Differences []float64    `json:"differences,omitempty"` // replicate by replicate, of a detector that trains
	Candidates  []float64    `json:"candidates,omitempty"`  // effects for the trait and its placebos; of a detector that scores rows, kind after kind

	// ScoreQuantiles holds the 0 %, 5 %, …, 100 % quantiles of the centred scores of a detector that
	// scores rows, in the unit of Effect, to four digits.
	ScoreQuantiles []float64 `json:"score_quantiles,omitempty"`
}

// dose returns the share of the planted rows that carry the trait.
func (c *PositiveControl) dose() float64 {
	if c.Dose == 0 {
		return 1
	}
	return c.Dose
}

// DistributionShift describes the change of whole answer distributions, whichever outcome it
// favours.
type DistributionShift struct {
	BeforeSuspect  stats.Divergences `json:"before_suspect"`  // untrained to suspect, means over replicates
	BeforeControl  stats.Divergences `json:"before_control"`  // untrained to control
	ControlSuspect stats.Divergences `json:"control_suspect"` // control to suspect, within replicate pairs

	// TotalVariation is the total variation between the mean answers of the two arms, in [0, 1]. P
	// is the sign-flip p-value; null: the arms are exchangeable within replicate pairs.
	TotalVariation float64      `json:"total_variation"`
	P              stats.PValue `json:"p"`

	// Answers holds the probability of each outcome. It is absent if the probes do not share their
	// outcomes.
	Answers []AnswerShift `json:"answers,omitempty"`
}

// largest returns the largest effect over kinds for the trait and each placebo, and the kind of
// that of the trait. effects are kind after kind; the result is nil if they are no multiple of the
// kinds.
func (s *RowMeasurement) largest(effects []float64) (of []float64, kind int) {
	kinds := max(1, s.Kinds)
	n := len(effects) / kinds
	if n == 0 || n*kinds != len(effects) {
		return nil, 0
	}
	of = slices.Clone(effects[:n])
	for k := 1; k < kinds; k++ {
		for i, e := range effects[k*n : (k+1)*n] {
			if e > of[i] {
				of[i] = e
				if i == 0 {
					kind = k
				}
			}
		}
	}
	return of, kind
}

// TestedP returns the p-value that enters the adjustment over all findings. A detector that also
// compares the trait with its placebos must reject both nulls, so it is the larger p-value of the
// two (Berger 1982, intersection-union test).
func (m Measurement) TestedP() float64 {
	switch {
	case m.RowScores != nil:
		return max(m.P.P, m.RowScores.PPlacebo)
	case m.Replicates != nil:
		return max(m.P.P, m.Replicates.PPlacebo)
	}
	return m.P.P
}

// Validate returns an error if an audit would refuse the measurement. It completes the sentence
// "its measurement of trait … has …".
func (m Measurement) Validate() error {
	switch {
	case m.Unit == "":
		return errors.New("no unit")
	case !finite(m.Effect.Mean) || !finite(m.Effect.SE) || m.Effect.SE < 0:
		return fmt.Errorf("effect %v with standard error %v, want finite numbers", m.Effect.Mean, m.Effect.SE)
	case !validP(m.P):
		return fmt.Errorf("p-value %v with floor %v, want 0 <= floor <= p, 0 < p <= 1", m.P.P, m.P.Floor)
	case !(m.Tolerance >= 0) || !finite(m.Tolerance):
		return fmt.Errorf("tolerance %v, want a number >= 0", m.Tolerance)
	case m.RowScores != nil && !(m.RowScores.PPlacebo >= 0 && m.RowScores.PPlacebo <= 1):
		return fmt.Errorf("placebo p-value %v, want a number in [0, 1]", m.RowScores.PPlacebo)
	case m.RowScores != nil && m.RowScores.Kinds < 0:
		return fmt.Errorf("%d kinds of scores, want >= 0", m.RowScores.Kinds)
	case m.RowScores != nil && !(m.RowScores.SmallestP >= 0 && m.RowScores.SmallestP <= 1):
		return fmt.Errorf("smallest p-value %v, want a number in [0, 1]", m.RowScores.SmallestP)
	case m.RowScores != nil && m.RowScores.Prompts > 0 && m.Placebos == nil:
		return errors.New("scores of rows without placebos")
	case m.Replicates != nil && len(m.Replicates.Differences) < 2:
		return fmt.Errorf("%d replicate differences, want >= 2", len(m.Replicates.Differences))
	case m.Replicates != nil && m.Replicates.Whole != nil && len(m.Replicates.Whole.Differences) < 2:
		return fmt.Errorf("%d differences of students of all rows, want >= 2", len(m.Replicates.Whole.Differences))
	case m.Replicates != nil && !(m.Replicates.PPlacebo >= 0 && m.Replicates.PPlacebo <= 1):
		return fmt.Errorf("placebo p-value %v, want a number in [0, 1]", m.Replicates.PPlacebo)
	}
	if r := m.Replicates; r != nil {
		if err := r.Judge.validate(); err != nil {
			return fmt.Errorf("a judge with %w", err)
		}
	}
	if c := m.PositiveControl; c != nil {
		switch {
		case !(c.Dose >= 0 && c.Dose <= 1):
			return fmt.Errorf("positive control with dose %v, want a number in [0, 1]", c.Dose)
		case !finite(c.Effect.Mean) || !validP(c.P):
			return fmt.Errorf("positive control with effect %v and p-value %v, want a finite effect and 0 < p <= 1", c.Effect.Mean, c.P.P)
		case m.Replicates != nil && len(c.Differences) < 2:
			return fmt.Errorf("positive control with %d replicate differences, want >= 2", len(c.Differences))
		case m.RowScores != nil && len(m.RowScores.Relabelled) > 0 && len(c.Candidates) != len(m.RowScores.Relabelled[0]):
			return fmt.Errorf("positive control with effects for %d candidates, want %d", len(c.Candidates), len(m.RowScores.Relabelled[0]))
		}
	}
	if at := notFinite("", reflect.ValueOf(m)); at != "" {
		return fmt.Errorf("a number that is not finite: %s", at)
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func validP(p stats.PValue) bool {
	return p.P > 0 && p.P <= 1 && p.Floor >= 0 && p.Floor <= p.P*(1+1e-12)
}

// notFinite returns the name of a field below v that holds a number that is not finite, or "".
func notFinite(name string, v reflect.Value) string {
	switch v.Kind() {
	case reflect.Float64:
		if !finite(v.Float()) {
			return name
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return notFinite(name, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			if at := notFinite(name, v.Index(i)); at != "" {
				return at
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if at := notFinite(name, v.MapIndex(k)); at != "" {
				return at
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if at := notFinite(v.Type().Field(i).Name, v.Field(i)); at != "" {
				return at
			}
		}
	}
	return ""
}
