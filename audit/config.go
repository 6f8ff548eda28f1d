package audit

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/student"
)

// Config is an audit, stated before it runs. The zero value of a field means the stated default.
type Config struct {
	Suspect undertone.Data  // the rows in question
	Control undertone.Data  // trait-free rows: the same prompts through the same filters
	Student student.Student // what would be trained; it is not changed
	Traits  []Trait         // what to look for, in advance

	Recipe       student.Recipe // how each replicate is trained; its Seed is ignored
	Replicates   int            // students an arm, at least 2; 12
	InterimEvery int            // pairs after which to look, and to stop once all is settled; 0: only after all
	Rows         RowPlan        // which rows a replicate sees; SplitRows
	Alpha        float64        // chance of a false detection in the whole audit; .05
	Seed         uint64         // of everything random

	Detectors []Detector      // Transfer alone
	Store     undertone.Store // keeps finished replicates; none
	Progress  func(Progress)  // is told of every finished replicate, from one goroutine at a time; none
	Parallel  int             // replicates trained at once; GOMAXPROCS. Does not change the result
}

// RowPlan says which rows a replicate student is trained on.
type RowPlan string

const (
	// SplitRows gives each replicate its own part of the rows, by prompt. The
	// pairs are then independent draws of rows, so the p-value speaks about
	// the two sources that wrote them; the shift is that of a student trained on
	// one part. The whole design costs two passes over each data set.
	SplitRows RowPlan = "split"

	// ShareRows gives each replicate all rows, in an order of its own. The shift is
	// that of a student trained on everything, but the p-value is conditional
	// on the rows at hand: two samples of one source differ a little, and
	// enough replicates will find that.
	ShareRows RowPlan = "share"
)

// Progress is told after each finished replicate.
type Progress struct {
	Arm         string // such as "suspect"
	Done, Total int    // replicates of the arm
}

// resolve returns the configuration with its defaults, or what is wrong with it.
func (c Config) resolve() (Config, error) {
	switch {
	case c.Suspect == nil || c.Suspect.Len() == 0:
		return c, errors.New("the suspect data set has no rows")
	case c.Control == nil || c.Control.Len() == 0:
		return c, errors.New("the control data set has no rows; without a matched control no shift can be told from drift")
	case c.Suspect.Digest() == c.Control.Digest():
		return c, errors.New("suspect and control are the same rows, of which an audit can find nothing")
	}
	c, err := c.defaults()
	if err != nil {
		return c, err
	}
	if c.Detectors == nil {
		c.Detectors = []Detector{Transfer}
	}
	if err := checkDetectors(c.Detectors); err != nil {
		return c, err
	}
	if first := c.firstLook(); c.InterimEvery < 0 {
		return c, fmt.Errorf("look every %d pairs: want a positive number, or 0 for one look at the end", c.InterimEvery)
	} else if c.InterimEvery > 0 && c.Replicates < first {
		return c, fmt.Errorf("replicates is %d, but the first look needs %d pairs; raise it, or look once at the end", c.Replicates, first)
	}
	if least := c.Alpha / float64(max(1, c.tests())); c.InterimEvery == 0 && least < 1.0/stats.MaxPermutations {
		return c, fmt.Errorf("alpha is %v over %d tests (traits × detectors), but no permutation test gives a p below %g: raise alpha, look for fewer traits, or set LookEvery", c.Alpha, c.tests(), 1.0/stats.MaxPermutations)
	}
	for _, d := range c.Detectors {
		if d.Requires != nil {
			if err := d.Requires(c); err != nil {
				return c, fmt.Errorf("detector %s: %w", d.Name, err)
			}
		}
	}
	return c, nil
}

// defaults fills in what does not depend on the arms and on the detectors.
func (c Config) defaults() (Config, error) {
	var err error
	if c.Replicates == 0 {
		c.Replicates = 12
	}
	if c.Rows == "" {
		c.Rows = SplitRows
	}
	if c.Alpha == 0 {
		c.Alpha = 0.05
	}
	if c.Parallel <= 0 {
		c.Parallel = runtime.GOMAXPROCS(0)
	}
	if c.Recipe, err = c.Recipe.WithDefaults(); err != nil {
		return c, err
	}
	switch {
	case c.Student == nil:
		return c, errors.New("there is no student to train")
	case len(c.Traits) == 0:
		return c, errors.New("there are no traits to look for")
	case c.Replicates < 2:
		return c, fmt.Errorf("replicates is %d, want at least 2: one pair says nothing about its error", c.Replicates)
	case !(c.Alpha > 0 && c.Alpha < 0.5):
		return c, fmt.Errorf("alpha is %v, want a number between 0 and 0.5", c.Alpha)
	case c.Rows != SplitRows && c.Rows != ShareRows:
		return c, fmt.Errorf("row plan %.20q is not known; want %q or %q", c.Rows, SplitRows, ShareRows)
	}
	traits := make([]Trait, len(c.Traits))
	for i, t := range c.Traits {
		if t.Measure == "" {
			t.Measure = Margin
		}
		if t.Tolerance == 0 {
			t.Tolerance = t.Measure.defaultTolerance()
		}
		if err := t.check(); err != nil {
			return c, fmt.Errorf("trait %d (%.40q): %w", i, t.Name, err)
		}
		traits[i] = t
	}
	c.Traits = traits
	return c, nil
}

// tests returns the number of findings that the audit will judge.
func (c Config) tests() int {
	n := 0
	for _, d := range c.Detectors {
		if d.Run != nil {
			n += len(c.Traits)
		}
	}
	return n
}
