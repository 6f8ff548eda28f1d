package audit

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/confound"
	"github.com/undertone-audit/undertone/audit/internal/cluster"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/internal/cache"
	"github.com/undertone-audit/undertone/student"
)

// Config describes an audit before it runs. The zero value of a field means the stated default.
type Config struct {
	Suspect undertone.Data  // the rows in question
	Control undertone.Data  // trait-free rows: the same prompts, the same filters
	Student student.Student // the model that would be trained on the rows; it is not changed
	Traits  []Trait         // the traits to look for

	// Generator is the model that wrote the suspect rows. The report states whether it shares a base
	// with the student, which changes no verdict (default unknown).
	Generator undertone.Model

	// SuspectHistory and ControlHistory say where the rows come from; see [NewHistory]. The report
	// holds them, and they change no verdict (default unknown).
	SuspectHistory, ControlHistory *History

	Detectors []Detector     // how to look (default [Transfer] alone)
	Recipe    student.Recipe // how each replicate is trained; its Seed is ignored
	Design                   // size, error rate and seed

	// AcceptConfounds names the differences between the arms that do not forbid a verdict, such as
	// "lengths": see [Confounds] and [confound.Names] (default none).
	AcceptConfounds []string

	// MaxRows is the largest number of rows of each arm and positive control that the audit sees,
	// >= 1 (default all). They are chosen by prompt, the same prompts in every arm. An audit of
	// less than [MinSuspectUsed] of the suspect rows clears nothing.
	MaxRows int

	// Caveats are sentences about the student or the rows that a reader must know. They are the
	// first warnings of the report (default none).
	Caveats []string

	Store    undertone.Store // keeps finished work, so that an interrupted audit resumes (default none)
	Progress func(Progress)  // called after each finished part, one call at a time (default none)

	// Warn is called with what the user should know although it does not change the result: a
	// stored value is damaged and is computed again. There is one call at a time (default none).
	Warn func(string)

	Parallel int // replicates trained at once, >= 0 (default GOMAXPROCS); does not change the result
}

// Design is the shape of the experiment, fixed before it runs. The zero value of a field means the
// stated default.
type Design struct {
	Replicates   int     `json:"replicates"`           // per arm, >= 2 (default 12); the maximum if there are interim looks
	InterimEvery int     `json:"interim_every"`        // replicates between interim looks; 0: one look at the end (default 0)
	Rows         RowPlan `json:"rows"`                 // which rows a replicate is trained on (default [SplitRows])
	Whole        int     `json:"whole,omitempty"`      // replicates per arm that are trained on all rows, under [SplitRows], >= 2 (default 6)
	Dose         float64 `json:"dose,omitempty"`       // share of positive-control rows that an audit must find before it clears a trait, in (0, 1] (default 0.25)
	ClusterBy    string  `json:"cluster_by,omitempty"` // field of a row that names what rows were sampled together, besides conversation_id and the like (default none)
	Alpha        float64 `json:"alpha"`                // chance of a false detection in the whole audit, in (0, 0.5) (default 0.05)
	Seed         uint64  `json:"seed"`                 // of everything random
}

// RowPlan says which rows a replicate is trained on.
type RowPlan string

const (
	// SplitRows gives each replicate its own part of the rows, by prompt, and trains further
	// replicates ([Design.Whole]) on all rows. The parts are independent draws of rows, so the
	// p-value is about the two sources that wrote the rows. The size of the shift, which the
	// tolerance bounds, is that of the students of all rows.
	SplitRows RowPlan = "split"

	// PartRows gives each replicate its own part of the rows and trains nothing on all rows. The
	// shift is that of a student of one part, which is smaller than that of a student of all rows,
	// so no trait can be called undetected.
	PartRows RowPlan = "part"

	// ShareRows gives each replicate all rows, in an order of its own. It is for data sets that are
	// too small to be divided. The p-value compares the shift with those of as many pairs that are
	// trained after random exchanges of rows between the arms, which doubles the cost. With interim
	// looks, and for rows that are no text, it is conditional on these rows: two samples of one
	// source differ a little, and enough replicates detect that difference.
	ShareRows RowPlan = "share"
)

// DefaultDose is the default of [Design.Dose].
const DefaultDose = 0.25

// clusterFields returns the fields that name what rows were sampled together.
func (d Design) clusterFields() []string {
	if d.ClusterBy == "" {
		return cluster.Fields
	}
	return append([]string{d.ClusterBy}, cluster.Fields...)
}

// Progress is reported after each finished part of an audit.
type Progress struct {
	Stage string // the arm or detector, such as "suspect" or "likelihood"
	Done  int    // finished parts of the stage
	Total int    // parts of the stage
}

// withDefaults returns the configuration with every unset field at its default, or an error that
// names what is missing or invalid.
func (c Config) withDefaults() (Config, error) {
	switch {
	case isNil(c.Suspect) || c.Suspect.Len() <= 0:
		return c, errors.New("the suspect data set has no rows")
	case isNil(c.Control) || c.Control.Len() <= 0:
		return c, errors.New("the control data set has no rows; a shift can be told from drift only with a matched control")
	case c.Suspect.Digest().IsZero() || c.Control.Digest().IsZero():
		return c, errors.New("the digest of the suspect or the control data set is zero; Digest must name the rows")
	case c.Suspect.Digest() == c.Control.Digest():
		return c, errors.New("suspect and control have the same rows, so there is no difference to measure")
	}
	if c.MaxRows < 0 {
		return c, fmt.Errorf("max rows is %d, want >= 1, or 0 for all", c.MaxRows)
	}
	if _, err := confound.ParseNames(c.AcceptConfounds); err != nil {
		return c, fmt.Errorf("accepted differences: %w", err)
	}
	c, err := c.studentDefaults()
	if err != nil {
		return c, err
	}
	c.Detectors = slices.Clone(c.Detectors)
	if c.Detectors == nil {
		c.Detectors = []Detector{Transfer}
	}
	if err := validateDetectors(c.Detectors); err != nil {
		return c, err
	}
	if err := c.validateLooks(); err != nil {
		return c, err
	}
	for _, d := range c.Detectors {
		if d.Requires != nil {
			if err := d.Requires(c.clone()); err != nil {
				return c, fmt.Errorf("detector %q: %w", d.Name, err)
			}
		}
	}
	return c, nil
}

// atMost returns the first n rows of data in an order that depends on their prompts alone, so
// that arms with the same prompts keep the same ones. 0 means all, and data with parts of its own
// is not cut.
func atMost(n int, data undertone.Data) undertone.Data {
	if n == 0 || isNil(data) || data.Len() <= n || dividesItself(data) {
		return data
	}
	return data.Select(student.Order(data, 0, 0)[:n])
}

// cache returns the store with what is told about damaged values.
func (c Config) cache() cache.Cache { return cache.Cache{Store: c.Store, Warn: c.Warn} }

// oneAtATime returns a function that goroutines may call at once; nil for nil.
func oneAtATime(warn func(string)) func(string) {
	if warn == nil {
		return nil
	}
	var mu sync.Mutex
	return func(text string) {
		mu.Lock()
		defer mu.Unlock()
		warn(text)
	}
}

// clone returns a configuration whose lists and traits can be changed without an effect on c.
func (c Config) clone() Config {
	c.Detectors = slices.Clone(c.Detectors)
	c.Traits = cloneTraits(c.Traits)
	return c
}

// isNil reports whether an interface holds nothing, or a nil pointer.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	p := reflect.ValueOf(v)
	return p.Kind() == reflect.Pointer && p.IsNil()
}

// studentDefaults fills in and validates the fields that do not depend on the arms and the
// detectors.
func (c Config) studentDefaults() (Config, error) {
	var err error
	c.Warn = oneAtATime(c.Warn)
	if c.Design, err = c.Design.WithDefaults(); err != nil {
		return c, err
	}
	if c.Recipe, err = c.Recipe.WithDefaults(); err != nil {
		return c, err
	}
	if c.Parallel < 0 {
		return c, fmt.Errorf("parallel is %d, want >= 0; 0 is the default", c.Parallel)
	}
	if c.Parallel == 0 {
		c.Parallel = runtime.GOMAXPROCS(0)
	}
	switch {
	case isNil(c.Student):
		return c, errors.New("there is no student to train")
	case c.Student.Digest().IsZero():
		return c, errors.New("the digest of the student is zero; Digest must name its weights")
	case len(c.Traits) == 0:
		return c, errors.New("there are no traits to look for")
	}
	traits, names := make([]Trait, len(c.Traits)), map[string]bool{}
	for i, t := range c.Traits {
		if traits[i], err = t.clone().withDefaults(); err != nil {
			return c, fmt.Errorf("trait %d (%.40q): %w", i, t.Name, err)
		}
		if names[t.Name] {
			return c, fmt.Errorf("trait %.40q is listed twice", t.Name)
		}
		names[t.Name] = true
	}
	c.Traits = traits
	return c, nil
}

// WithDefaults returns the design with every unset field at its default, or an error that names the
// invalid field.
func (d Design) WithDefaults() (Design, error) {
	if d.Replicates == 0 {
		d.Replicates = 12
	}
	if d.Rows == "" {
		d.Rows = SplitRows
	}
	if d.Whole == 0 && d.Rows == SplitRows {
		d.Whole = 6
	}
	if d.Dose == 0 {
		d.Dose = DefaultDose
	}
	if d.Alpha == 0 {
		d.Alpha = 0.05
	}
	switch {
	case d.Replicates < 2:
		return d, fmt.Errorf("replicates is %d, want >= 2: one replicate pair has no standard error", d.Replicates)
	case !(d.Alpha > 0 && d.Alpha < 0.5):
		return d, fmt.Errorf("alpha is %v, want a number in (0, 0.5)", d.Alpha)
	case d.Rows != SplitRows && d.Rows != PartRows && d.Rows != ShareRows:
		return d, fmt.Errorf("row plan %.20q is not known; want %q, %q or %q", d.Rows, SplitRows, PartRows, ShareRows)
	case d.Rows == SplitRows && d.Whole < 2:
		return d, fmt.Errorf("%d replicates are trained on all rows, want >= 2: one pair has no standard error", d.Whole)
	case d.Rows != SplitRows && d.Whole != 0:
		return d, fmt.Errorf("%d replicates are trained on all rows, but only the row plan %q trains such replicates beside those of parts", d.Whole, SplitRows)
	case !(d.Dose > 0 && d.Dose <= 1):
		return d, fmt.Errorf("dose is %v, want a number in (0, 1]", d.Dose)
	case d.InterimEvery < 0:
		return d, fmt.Errorf("interim looks every %d replicates: want a number >= 0", d.InterimEvery)
	}
	return d, nil
}

// validateLooks returns an error if the tests of the audit cannot reach their level.
func (c Config) validateLooks() error {
	if first := c.firstInterim(); c.InterimEvery > 0 && c.Replicates < first {
		return fmt.Errorf("replicates is %d, but the first interim look needs %d; raise it, or look once at the end", c.Replicates, first)
	}
	if least := c.Alpha / float64(max(1, c.tests())); c.InterimEvery == 0 && least < 1.0/stats.MaxPermutations {
		return fmt.Errorf("alpha is %v over %d tests (traits × detectors), but the smallest p-value of a permutation test is %g: raise alpha, look for fewer traits, or use interim looks", c.Alpha, c.tests(), 1.0/stats.MaxPermutations)
	}
	return nil
}

// tests returns the number of findings over which alpha is kept.
func (c Config) tests() int {
	n := 0
	for _, d := range c.Detectors {
		if d.Measure != nil {
			n += len(c.Traits)
		}
	}
	return n
}
