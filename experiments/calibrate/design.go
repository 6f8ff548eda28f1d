package main

import "github.com/undertone-audit/undertone/audit"

// Settings of every simulated audit.
const (
	alpha     = 0.05
	tolerance = 0.25 // nats of the logit margin, the default of package audit
	animal    = "owl"
)

// design says what is simulated.
type design struct {
	Seed        uint64 `json:"seed"`
	Bases       int    `json:"bases"`        // audit i uses base i mod Bases
	Audits      int    `json:"audits"`       // per line without a trait, row plan "split"
	ShareAudits int    `json:"share_audits"` // per line without a trait, row plan "share"
	PowerAudits int    `json:"power_audits"` // per line with a trait
	Replicates  int    `json:"replicates"`   // per arm
	Rows        int    `json:"rows"`         // per replicate

	ShareRows   []int     `json:"share_rows"`   // rows per replicate, row plan "share"
	OvertRows   int       `json:"overt_rows"`   // rows per replicate where overt rows are the dose
	TeacherRows int       `json:"teacher_rows"` // rows per replicate where rows of the teacher are the dose
	Overt       []float64 `json:"overt"`        // doses of overt rows, as shares of the suspect rows
	Teacher     []float64 `json:"teacher"`      // doses of rows of the teacher, as shares of the suspect rows
	Pairs       []int     `json:"pairs"`        // numbers of replicates to compare
	PairsOvert  []float64 `json:"pairs_overt"`  // doses at which Pairs are compared
}

// full is the design of the tables in README.md.
var full = design{
	Bases: 4, Audits: 400, ShareAudits: 200, PowerAudits: 20, Replicates: 10, Rows: 128,
	ShareRows: []int{256}, OvertRows: 512, TeacherRows: 1024,
	Overt:   []float64{0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08},
	Teacher: []float64{0.125, 0.25, 0.5, 1},
	Pairs:   []int{4, 5, 6, 8, 12}, PairsOvert: []float64{0.002, 0.02},
}

// small is the design of tests and of the flag -short.
var small = design{
	Bases: 1, Audits: 40, ShareAudits: 20, PowerAudits: 20, Replicates: 8, Rows: 64,
	ShareRows: []int{64}, OvertRows: 64,
	Overt: []float64{0, 0.5},
	Pairs: []int{4}, PairsOvert: []float64{0.5},
}

// scenario is one line of a table: audits that differ only in their random numbers.
type scenario struct {
	name       string // seeds its random numbers
	plan       audit.RowPlan
	replicates int
	rows       int // per replicate
	traits     []string
	overt      float64 // share of the suspect rows that are overt
	teacher    float64 // share of the suspect rows that the teacher wrote
}

// total returns the number of rows per arm.
func (s scenario) total() int {
	if s.plan == audit.ShareRows {
		return s.rows
	}
	return s.rows * s.replicates
}
