package corpus

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
)

// Config is how rows are compared. The zero value of a field stands for its default.
type Config struct {
	Seed         uint64  `json:"seed"`         // of folds, shuffles and permutations
	Bag          int     `json:"bag"`          // rows in a bag; default 16
	Folds        int     `json:"folds"`        // of cross-validation; default 5, at least 2
	Permutations int     `json:"permutations"` // draws of each test; default 999
	MaxRows      int     `json:"max_rows"`     // of each arm that are looked at, chosen by prompt; default 20,000
	Alpha        float64 `json:"alpha"`        // level of the tests; default .05
	Margin       float64 `json:"margin"`       // how far the AUROC of bags must be from .5 to matter; default .05
	Top          int     `json:"top"`          // rows and rules that are named; default 20

	// Positive, if given, is a known difference: control rows with those of a
	// known trait teacher planted among them. Without finding it no comparison
	// ends undetected.
	Positive undertone.Text `json:"-"`
}

var errNoData = errors.New("there is no data: give the suspect rows and the control rows")

func (c Config) withDefaults() (Config, error) {
	c.Bag = cmp.Or(c.Bag, 16)
	c.Folds = cmp.Or(c.Folds, 5)
	c.Permutations = cmp.Or(c.Permutations, 999)
	c.MaxRows = cmp.Or(c.MaxRows, 20_000)
	c.Alpha = cmp.Or(c.Alpha, .05)
	c.Margin = cmp.Or(c.Margin, .05)
	c.Top = cmp.Or(c.Top, 20)
	switch {
	case c.Bag < 1:
		return c, fmt.Errorf("a bag of %d rows: want at least 1", c.Bag)
	case c.Folds < 2 || c.Folds > 100:
		return c, fmt.Errorf("%d folds: want 2 to 100", c.Folds)
	case c.Permutations < 1 || c.Permutations > 1_000_000:
		return c, fmt.Errorf("%d permutations: want 1 to 1,000,000", c.Permutations)
	case c.MaxRows < 1:
		return c, fmt.Errorf("at most %d rows: want at least 1", c.MaxRows)
	case !(c.Alpha > 0 && c.Alpha < 1):
		return c, fmt.Errorf("alpha %v: want it between 0 and 1", c.Alpha)
	case !(c.Margin > 0 && c.Margin < .5):
		return c, fmt.Errorf("margin %v: want it between 0 and .5", c.Margin)
	case c.Top < 0:
		return c, fmt.Errorf("the top %d rows: want at least 1", c.Top)
	}
	return c, nil
}
