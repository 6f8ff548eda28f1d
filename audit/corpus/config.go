package corpus

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/cluster"
)

// Config configures a comparison. The zero value of a field means its default.
type Config struct {
	Seed         uint64  `json:"seed"`         // of folds, bags and permutations
	Bag          int     `json:"bag"`          // rows in a bag, >= 1 (default 16)
	Folds        int     `json:"folds"`        // of cross-validation, in [2, 100] (default 5)
	Repeats      int     `json:"repeats"`      // cross-validations with other folds, which are averaged, in [1, 100] (default 5)
	Permutations int     `json:"permutations"` // random permutations of each test that decides, in [1, 1,000,000] (default 999)
	MaxRows      int     `json:"max_rows"`     // rows of each arm that are read, sampled by prompt, >= 1 (default 20,000)
	Alpha        float64 `json:"alpha"`        // level of the tests, and 1 minus that of the intervals, in (0, 1) (default 0.05)
	Margin       float64 `json:"margin"`       // smallest distance of the AUROC of bags from 0.5 that matters, in (0, 0.5) (default 0.05)
	Top          int     `json:"top"`          // rows and features in the result, >= 0 (default 20)

	// ClusterBy is a field of a row that names what several rows were sampled from, besides
	// conversation_id and the like (default none). Rows with one value, and copies of a row, are a
	// cluster: they share a fold, and a permutation moves them together.
	ClusterBy string `json:"cluster_by,omitempty"`

	// PositiveControl is a known difference: control rows that include rows of a known trait
	// teacher. The outcome is NotDistinguishable only if it is found. nil means none.
	PositiveControl undertone.Text `json:"-"`

	clusters func(undertone.Data) []uint64 // keys of all rows of a data set; nil: by ClusterBy
}

var errNoData = errors.New("there is no data: give the suspect rows and the control rows")

func (c Config) withDefaults() (Config, error) {
	c.Bag = cmp.Or(c.Bag, 16)
	c.Folds = cmp.Or(c.Folds, 5)
	c.Repeats = cmp.Or(c.Repeats, 5)
	c.Permutations = cmp.Or(c.Permutations, 999)
	c.MaxRows = cmp.Or(c.MaxRows, 20_000)
	c.Alpha = cmp.Or(c.Alpha, .05)
	c.Margin = cmp.Or(c.Margin, .05)
	c.Top = cmp.Or(c.Top, 20)
	switch {
	case c.Bag < 1:
		return c, fmt.Errorf("bag of %d rows: want >= 1", c.Bag)
	case c.Folds < 2 || c.Folds > 100:
		return c, fmt.Errorf("%d folds: want 2 to 100", c.Folds)
	case c.Repeats < 1 || c.Repeats > 100:
		return c, fmt.Errorf("%d repeats: want 1 to 100", c.Repeats)
	case c.Permutations < 1 || c.Permutations > 1_000_000:
		return c, fmt.Errorf("%d permutations: want 1 to 1,000,000", c.Permutations)
	case c.MaxRows < 1:
		return c, fmt.Errorf("at most %d rows of each arm: want >= 1", c.MaxRows)
	case !(c.Alpha > 0 && c.Alpha < 1):
		return c, fmt.Errorf("alpha %v: want it between 0 and 1", c.Alpha)
	case !(c.Margin > 0 && c.Margin < .5):
		return c, fmt.Errorf("margin %v: want it between 0 and 0.5", c.Margin)
	case c.Top < 0:
		return c, fmt.Errorf("top %d rows: want >= 0", c.Top)
	}
	return c, nil
}

// clusterKeys returns one key for each of the given rows of data. Rows with equal keys are one
// cluster.
func (c Config) clusterKeys(data undertone.Data, rows []int) []uint64 {
	if c.clusters != nil {
		all := c.clusters(data)
		keys := make([]uint64, len(rows))
		for at, i := range rows {
			keys[at] = all[i]
		}
		return keys
	}
	fields := cluster.Fields
	if c.ClusterBy != "" {
		fields = append([]string{c.ClusterBy}, fields...)
	}
	return cluster.Keys(data.Select(rows), fields...)
}
