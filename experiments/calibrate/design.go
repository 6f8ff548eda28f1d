package main

import "github.com/undertone-audit/undertone/audit"

// The audits' settings that are the same in every simulation.
const (
	alpha     = 0.05
	tolerance = 0.25 // nats of the logit margin, the audit's default
	animal    = "owl"
)

// design is what is simulated.
type design struct {
	Seed        uint64 `json:"seed"`
	Bases       int    `json:"bases"`        // audit i has base i mod Bases
	Audits      int    `json:"audits"`       // a line, without a trait
	ShareAudits int    `json:"share_audits"` // likewise, under the row plan "share"
	PowerAudits int    `json:"power_audits"` // a line, with a trait
	Replicates  int    `json:"replicates"`   // pairs an audit
	Rows        int    `json:"rows"`         // that each replicate is trained on

	ShareRows   []int     `json:"share_rows"`   // sizes of the data sets under the row plan "share"
	OvertRows   int       `json:"overt_rows"`   // as Rows, where overt rows are the dose
	TeacherRows int       `json:"teacher_rows"` // as Rows, where rows of the teacher are
	Overt       []float64 `json:"overt"`        // doses, as shares of the suspect rows
	Teacher     []float64 `json:"teacher"`      // doses likewise
	Pairs       []int     `json:"pairs"`        // replicates to compare
	PairsOvert  []float64 `json:"pairs_overt"`  // doses at which they are compared
}

// full is the design of docs/calibration.md.
var full = design{
	Bases: 4, Audits: 400, ShareAudits: 200, PowerAudits: 20, Replicates: 10, Rows: 128,
	ShareRows: []int{256}, OvertRows: 512, TeacherRows: 1024,
	Overt:   []float64{0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08},
	Teacher: []float64{0.125, 0.25, 0.5, 1},
	Pairs:   []int{4, 5, 6, 8, 12}, PairsOvert: []float64{0.002, 0.02},
}

// small is what a test can afford.
var small = design{
	Bases: 1, Audits: 40, ShareAudits: 20, PowerAudits: 20, Replicates: 8, Rows: 64,
	ShareRows: []int{64}, OvertRows: 64,
	Overt: []float64{0, 0.5},
	Pairs: []int{4}, PairsOvert: []float64{0.5},
}

// scenario is one line of a table: audits that differ in their random numbers alone.
type scenario struct {
	name       string // seeds its random numbers
	plan       audit.RowPlan
	replicates int
	rows       int // that each replicate is trained on
	traits     []string
	overt      float64 // share of the suspect rows that is overt
	teacher    float64 // share of the suspect rows that the implanted teacher wrote
}

// total is the number of rows of each arm.
func (s scenario) total() int {
	if s.plan == audit.ShareRows {
		return s.rows
	}
	return s.rows * s.replicates
}
