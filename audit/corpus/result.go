package corpus

import (
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Verdict is the outcome of a comparison. The zero value is Inconclusive.
type Verdict int

// The three verdicts. None says that a data set is safe.
const (
	Inconclusive Verdict = iota // the design could not tell
	Detected                    // the arms' content differs beyond the margin
	Undetected                  // any difference that these channels see is within the margin, and they saw the positive control
)

var verdicts = [...]string{"inconclusive", "detected", "undetected"}

func (v Verdict) String() string {
	if v < 0 || int(v) >= len(verdicts) {
		return fmt.Sprintf("verdict(%d)", int(v))
	}
	return verdicts[v]
}

// MarshalText implements [encoding.TextMarshaler].
func (v Verdict) MarshalText() ([]byte, error) {
	if v < 0 || int(v) >= len(verdicts) {
		return nil, fmt.Errorf("corpus: %s is not known", v)
	}
	return []byte(v.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, name := range verdicts {
		if string(text) == name {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("corpus: verdict %.40q is not known; want %s", text, strings.Join(verdicts[:], ", "))
}

// Test is a one-sided permutation test: of exchangeable arms against suspect
// rows that score higher than control rows.
type Test struct {
	P     float64 `json:"p"`     // (k+1)/(n+1), in (0, 1]
	Floor float64 `json:"floor"` // the smallest P that the test could have given
}

// AUROC is the chance that a bag of suspect rows scores above a bag of control
// rows, in [0, 1]; .5 is chance. The 95 % interval is that of out-of-fold
// scores, clustered by prompt and content.
type AUROC struct {
	Bag  int     `json:"bag"` // rows in a bag
	Area float64 `json:"area"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Finding is what one channel, or all of them in one model, tells of the arms.
type Finding struct {
	Channel string  `json:"channel"`
	Sees    string  `json:"sees"`
	Shift   float64 `json:"shift"` // mean log-likelihood ratio of suspect rows minus that of control rows, in nats
	Row     AUROC   `json:"row"`
	Bag     AUROC   `json:"bag"`
	Test    Test    `json:"test"`
}

// MMD is the squared maximum mean discrepancy between the arms.
type MMD struct {
	Squared   float64 `json:"squared"`   // unbiased, so it can be below 0; the kernel is at most 1
	Bandwidth float64 `json:"bandwidth"` // the median distance between rows, in [0, √2]
	Rows      int     `json:"rows"`      // of both arms, that were looked at
	Test      Test    `json:"test"`
}

// Row is a suspect row and its score.
type Row struct {
	ID     undertone.Digest `json:"id"`
	Prompt undertone.Digest `json:"prompt"`
	Index  int              `json:"index"` // in the suspect data
	Score  float64          `json:"score"` // log-likelihood ratio in nats, from models that saw neither the row's prompt nor its content
}

// Rule is a countable difference between the arms: a share of rows.
type Rule struct {
	What    string  `json:"what"`
	Suspect float64 `json:"suspect"` // share of suspect rows that have it
	Control float64 `json:"control"` // share of control rows that have it
	Z       float64 `json:"z"`       // of the difference of the shares, for ranking; many were looked at
}

// Design is what was compared.
type Design struct {
	Suspect       undertone.Digest `json:"suspect"`
	Control       undertone.Digest `json:"control"`
	SuspectRows   int              `json:"suspect_rows"` // that were looked at
	ControlRows   int              `json:"control_rows"`
	SharedPrompts int              `json:"shared_prompts"`
	TestedRows    int              `json:"tested_rows"` // of both arms, whose prompts decide the p-values
	Matched       bool             `json:"matched"`     // the p-values are conditional on the prompt
	Components    int              `json:"components"`  // groups of rows held out together
	Settings      Config           `json:"settings"`
}

// Result says whether suspect and control rows can be told apart, and by what.
// It says nothing of whether a student would pick anything up.
type Result struct {
	Verdict  Verdict   `json:"verdict"`
	Reasons  []string  `json:"reasons"` // of the verdict
	Design   Design    `json:"design"`
	Content  *Finding  `json:"content"`  // one model of all that the content channels see; nil where nothing was measured
	Channels []Finding `json:"channels"` // the content channels, one by one; their p-values are not adjusted
	Format   *Finding  `json:"format"`   // how rows are laid out: tells filters and templates apart
	MMD      *MMD      `json:"mmd"`      // a second opinion on the content; nil where nothing was measured
	Rows     []Row     `json:"rows"`     // the most suspicious ones, first to last
	Rules    []Rule    `json:"rules"`    // the largest countable differences
	Warnings []string  `json:"warnings"`
}
