package corpus

import (
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
)

// warnings returns what limits the conclusions from the design.
func (m *designMatrix) warnings(suspect, control undertone.Text, d Design, paired bool) []string {
	var w []string
	warn := func(format string, args ...any) { w = append(w, fmt.Sprintf(format, args...)) }
	if suspect.Len() > d.SuspectRows || control.Len() > d.ControlRows {
		warn("sampled %d of %d suspect and %d of %d control rows, by prompt", d.SuspectRows, suspect.Len(), d.ControlRows, control.Len())
	}
	if slices.ContainsFunc(m.rows, func(r row) bool { return r.cut }) {
		warn("read the first %d bytes of each completion", byteBudget(len(m.rows)))
	}
	if !d.Matched {
		warn("the arms share too few prompts: a difference of prompts cannot be told from a difference of writers")
	} else if all := len(m.rows); d.TestedRows*5 < all*4 {
		warn("tests and areas rest on the %d of %d rows whose prompts both arms have", d.TestedRows, all)
	}
	if d.SuspectUnits+d.ControlUnits < d.UnitRows {
		warn("tests rest on %d suspect and %d control clusters of the %d rows: copies of a row, or rows of one conversation", d.SuspectUnits, d.ControlUnits, d.UnitRows)
	}
	if d.Matched && !paired {
		warn("clusters span several prompts, and few have the prompts of a cluster of the other arm: all clusters are exchanged, whatever their prompts")
	}
	if m.unlinked > 0 && d.Matched {
		warn("%d of %d rows have no prompt, a prompt too common to hold out, or clusters that link too many prompts: they are held out by content and cluster alone", m.unlinked, len(m.rows))
	}
	if n := m.largestComponent(); n*m.folds > len(m.rows) {
		warn("%d of %d rows are linked by prompt, content or cluster and share one fold: folds are of unequal size", n, len(m.rows))
	}
	return w
}

// needs returns what the design lacks, or "".
func (m *designMatrix) needs(tested []int, matched bool, blocks []block, config Config) string {
	var n [2]int
	folds := make([][2]int, m.folds)
	for _, i := range tested {
		n[btoi(m.suspect[i])]++
		folds[m.fold[i]][btoi(m.suspect[i])]++
	}
	if need := 2 * config.Folds * config.Bag; n[0] < need || n[1] < need {
		which := "whose prompts one arm alone has"
		if matched {
			which = "whose prompts both arms have"
		}
		return fmt.Sprintf("needs at least %d rows of each arm for bags of %d (2 bags in each of %d folds), or smaller bags; has %d suspect and %d control rows %s",
			need, config.Bag, config.Folds, n[1], n[0], which)
	}
	for _, f := range folds {
		if f[0] < config.Bag || f[1] < config.Bag {
			return fmt.Sprintf("needs a bag of %d rows of each arm in each of %d folds: too many rows share their prompt, content or cluster (%d groups); give more varied rows, fewer folds or smaller bags",
				config.Bag, config.Folds, m.components)
		}
	}
	// Swapping all labels of a design changes no statistic.
	if need := math.Log2(4 / config.Alpha); relabellings(blocks) < need {
		units, suspects := unitsOf(blocks), 0
		for _, b := range blocks {
			suspects += b.suspects()
		}
		return fmt.Sprintf("needs more clusters: %d suspect and %d control clusters can be relabelled in %.0f ways, and two tests at alpha %v need at least %.0f",
			suspects, len(units)-suspects, math.Exp2(relabellings(blocks)), config.Alpha, math.Ceil(4/config.Alpha))
	}
	return ""
}
