package corpus

import (
	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

// AUROC is the probability that a bag of suspect rows scores above a bag of control rows, in [0,
// 1]; 0.5 is chance. Low and High are an interval of the level 1 − Alpha.
type AUROC struct {
	Bag  int     `json:"bag"` // rows in a bag
	Area float64 `json:"area"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// ChannelResult compares the arms by the features of one channel, or of all content channels in one
// model.
type ChannelResult struct {
	Channel  string `json:"channel"`
	Observes string `json:"observes"`

	// Shift is the mean log-likelihood ratio of suspect rows minus that of control rows, in nats.
	Shift float64 `json:"shift"`

	Row AUROC        `json:"row"` // of single rows, out of fold
	Bag AUROC        `json:"bag"` // of bags, out of fold
	P   stats.PValue `json:"p"`   // one-sided: the features explain more of the arms; arms permuted within prompts

	// Overlap is the share of the variance of the arms that the layout leaves, if the result is
	// given the layout, and else 0.
	Overlap float64 `json:"overlap,omitempty"`
}

// MMD is the squared maximum mean discrepancy between the arms.
type MMD struct {
	Squared   float64      `json:"squared"`   // unbiased estimate, so it can be below 0; the kernel is at most 1
	Bandwidth float64      `json:"bandwidth"` // median distance between units, in [0, √2]
	Rows      int          `json:"rows"`      // rows of both arms in the kernel
	Units     int          `json:"units"`     // their clusters
	P         stats.PValue `json:"p"`         // one-sided: the discrepancy is larger
}

// Row is a suspect row and its score.
type Row struct {
	ID     undertone.Digest `json:"id"`
	Prompt undertone.Digest `json:"prompt"` // prompt group ID
	Index  int              `json:"index"`  // in the suspect data, from 0

	// Score is the log-likelihood ratio in nats, from models that saw neither the row's prompt nor
	// its content.
	Score float64 `json:"score"`
}

// FeatureShare compares the shares of rows that have a countable feature.
type FeatureShare struct {
	Feature string  `json:"feature"`
	Suspect float64 `json:"suspect"` // share of suspect rows, in [0, 1]
	Control float64 `json:"control"` // share of control rows, in [0, 1]
	Z       float64 `json:"z"`       // standardised difference of the shares; not adjusted for the number of features
}

// Design describes the compared rows.
type Design struct {
	SuspectName   string           `json:"suspect_name"` // not part of the digest of a result
	ControlName   string           `json:"control_name"` // not part of the digest of a result
	Suspect       undertone.Digest `json:"suspect"`
	Control       undertone.Digest `json:"control"`
	SuspectRows   int              `json:"suspect_rows"` // rows that were read
	ControlRows   int              `json:"control_rows"`
	SharedPrompts int              `json:"shared_prompts"`
	TestedRows    int              `json:"tested_rows"`   // rows of both arms on which areas rest
	SuspectUnits  int              `json:"suspect_units"` // clusters of the suspect arm that tests permute
	ControlUnits  int              `json:"control_units"`
	UnitRows      int              `json:"unit_rows"`  // rows of both arms in these clusters
	Matched       bool             `json:"matched"`    // the p-values are conditional on the prompt
	Components    int              `json:"components"` // groups of rows that share a fold
	Settings      Config           `json:"settings"`
}

// PositiveControl says whether a known difference was found.
type PositiveControl struct {
	Data    undertone.Digest `json:"data"`
	Found   bool             `json:"found"` // its content differs from the control
	Outcome Outcome          `json:"outcome"`
	Reasons []string         `json:"reasons"`
	Content *ChannelResult   `json:"content"` // nil if nothing was measured
}

// Result says whether suspect and control rows can be told apart, and by what. It says nothing
// about what a student would learn from them.
type Result struct {
	Schema  string           `json:"schema"`
	Version string           `json:"version"` // of the library
	Digest  undertone.Digest `json:"digest"`  // of the result with this field at zero and without names of data sets

	Outcome  Outcome         `json:"outcome"`
	By       []string        `json:"by"`      // what tells the arms apart, if they are distinguishable: content, "content given layout", layout
	Reasons  []string        `json:"reasons"` // for the outcome
	P        stats.PValue    `json:"p"`       // of content and layout, adjusted by Holm: no difference in either
	Design   Design          `json:"design"`
	Content  *ChannelResult  `json:"content"`  // all content channels in one model; nil if nothing was measured
	Channels []ChannelResult `json:"channels"` // content channels one by one; their p-values are not adjusted, and rest on at most 1,200 pairs and 199 permutations
	Layout   *ChannelResult  `json:"layout"`   // nil if nothing was measured
	Beyond   *ChannelResult  `json:"beyond"`   // the content given the layout; nil if nothing was measured

	PositiveControl *PositiveControl `json:"positive_control"` // nil if there is none

	MMD      *MMD           `json:"mmd"`      // a second test of the content; nil if nothing was measured
	Rows     []Row          `json:"rows"`     // suspect rows with the highest scores, highest first
	Features []FeatureShare `json:"features"` // features with the largest differences, largest first
	Warnings []string       `json:"warnings"`
}
