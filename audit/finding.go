package audit

import "context"

// Finding is what one detector has to say about one trait.
type Finding struct {
	Detector string   `json:"detector"`
	Trait    string   `json:"trait"`
	Verdict  Verdict  `json:"verdict"`
	Reasons  []string `json:"reasons"`

	Measure   Measure `json:"measure"`   // what Effect and Tolerance are measured in
	Tolerance float64 `json:"tolerance"` // the smallest shift that matters

	Pairs     int     `json:"pairs"`             // replicate pairs, the unit of inference of detectors that train; else 0
	Rows      int     `json:"rows"`              // rows that each replicate was trained on, or that were scored
	Effect    Effect  `json:"effect"`            // shift of the suspect arm against the control arm
	P         P       `json:"p"`                 // one-sided, exact where Pairs allows
	PAdjusted float64 `json:"p_adjusted"`        // by Holm over all traits and detectors of the audit
	EValue    float64 `json:"e_value,omitempty"` // of a test that is looked at more than once: P is 1/EValue; else absent

	Needed int    `json:"needed"` // pairs, or rows, with which such an audit would be settled with 95 % power; 0: more would not help, or nobody knows
	Limit  *Limit `json:"limit"`  // of detection; null without a positive control

	Measured map[Measure]Shift  `json:"measured,omitempty"` // all three measures; absent if no student was trained
	Placebos *PlaceboRank       `json:"placebos"`           // null without placebos
	Planted  *Planted           `json:"planted"`            // null if it was not given or not needed
	Moved    *DistributionShift `json:"moved,omitempty"`    // the whole distribution, whatever the trait; absent if no student was trained
	Indirect *DistributionShift `json:"indirect,omitempty"` // the same of the indirect probes; absent if there are none
	Scored   *Scored            `json:"scored,omitempty"`   // what the rows' scores say; absent if rows were not scored
	Warnings []string           `json:"warnings"`           // never null

	// trace says that rows show the trait, at less than a quarter of the positive control's effect.
	trace bool

	// settle gives the verdict once PAdjusted is known; nil if the detector has given it.
	settle func(context.Context, *Finding) error
}

// Effect is a mean over replicate pairs, or over rows, with its confidence interval.
type Effect struct {
	Mean  float64 `json:"mean"`
	SD    float64 `json:"sd"`    // over pairs; of rows: the standard error
	Low   float64 `json:"low"`   // Student's t interval, or a confidence sequence if there is more than one look
	High  float64 `json:"high"`  //
	Level float64 `json:"level"` // 1 − alpha
}

func (e Effect) inside(bound float64) bool { return e.Low > -bound && e.High < bound }

// P is a permutation p-value.
type P struct {
	P     float64 `json:"value"`
	Floor float64 `json:"floor"` // the smallest value that the design allows
	Exact bool    `json:"exact"` // all sign patterns were visited
}

// Shift is one measure of one trait, as means over replicates.
type Shift struct {
	Before  float64 `json:"before"`  // the untrained student
	Suspect float64 `json:"suspect"` // after training on the suspect rows
	Control float64 `json:"control"` // after training on the control rows
	Effect  Effect  `json:"effect"`  // suspect less control
}

// PlaceboRank compares the trait with its siblings, answers to the same probes
// that nobody asked about.
type PlaceboRank struct {
	Rank    int             `json:"rank"` // of the trait's shift; 1 is the largest
	Of      int             `json:"of"`   // the trait and its siblings
	Effects []PlaceboEffect `json:"effects"`
}

// PlaceboEffect is the mean shift of one sibling.
type PlaceboEffect struct {
	Name string  `json:"name"`
	Mean float64 `json:"mean"`
}

// Planted is the positive control: the same test with rows that carry the trait in place of the suspect's.
type Planted struct {
	Data   DataNote `json:"data"`
	Effect Effect   `json:"effect"`
	P      P        `json:"p"`
	Found  bool     `json:"found"`
}
