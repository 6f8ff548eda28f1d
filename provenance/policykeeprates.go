package provenance

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// KeepRateRule compares the keep rates of the data and of its control, filter by filter. Different
// keep rates are a confound: the filter sees what differs between the arms.
type KeepRateRule struct {
	MaxDifference float64 `json:"max_difference"` // largest absolute difference, in [0, 1]
}

func (k *KeepRateRule) check() error {
	if k != nil && !(k.MaxDifference >= 0 && k.MaxDifference <= 1) {
		return fmt.Errorf("keep_rates.max_difference is %v, want a number in [0, 1]", k.MaxDifference)
	}
	return nil
}

// keepRates compares the keep rates of the filters with those of the control.
func (c *checker) keepRates() {
	rule := c.policy.KeepRates
	if rule == nil {
		return
	}
	data := c.evidence.Graph.keepRates()
	if !c.controlGiven(RuleKeepRates) {
		return
	}
	c.originOf(c.evidence.Graph, RuleKeepRates)
	c.originOf(c.evidence.Control, RuleKeepRates)
	control := c.evidence.Control.keepRates()
	for _, f := range sortedFilters(data, control) {
		a, inData := data[f]
		b, inControl := control[f]
		switch {
		case inData != inControl:
			c.refuse(RuleKeepRates, "filter both arms with the same filters and settings", "the filter %v was run on one of data and control only", f)
		case math.Abs(a.rate()-b.rate()) > rule.MaxDifference:
			c.refuse(RuleKeepRates, "find out what the filter sees in one arm; undertone match makes the arms alike",
				"the filter %v keeps %.1f%% of the data and %.1f%% of the control, want a difference of at most %.1f%%", f, 100*a.rate(), 100*b.rate(), 100*rule.MaxDifference)
		}
	}
}

// kept counts the rows that a filter read and kept.
type kept struct{ in, out int }

func (k kept) rate() float64 {
	if k.in == 0 {
		return 1
	}
	return float64(k.out) / float64(k.in)
}

// keepRates returns the counts of each filter in the history of the rows. A filter with other
// settings is another filter.
func (g *Graph) keepRates() map[setFilter]kept {
	all := map[setFilter]kept{}
	for _, n := range g.lineage() {
		if n.Made == nil {
			continue
		}
		for _, s := range n.Made.Steps {
			if s.Kind == FilterStep {
				f := setFilter{s.Name, s.Settings}
				k := all[f]
				all[f] = kept{k.in + s.In, k.out + s.Out}
			}
		}
	}
	return all
}

// setFilter is a filter with its settings.
type setFilter struct{ name, settings string }

func (f setFilter) String() string {
	if f.settings == "" {
		return fmt.Sprintf("%q", f.name)
	}
	return fmt.Sprintf("%q with the settings %.200q", f.name, f.settings)
}

func (f setFilter) compare(g setFilter) int {
	return cmp.Or(strings.Compare(f.name, g.name), strings.Compare(f.settings, g.settings))
}

// sortedFilters returns the keys of both maps.
func sortedFilters(a, b map[setFilter]kept) []setFilter {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.SortFunc(all, setFilter.compare)
	return slices.Compact(all)
}
