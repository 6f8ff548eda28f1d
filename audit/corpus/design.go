package corpus

import (
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
)

// warnings says what stands between the design and its meaning.
func (s *sheet) warnings(suspect, control undertone.Text, d Design) []string {
	var w []string
	warn := func(format string, args ...any) { w = append(w, fmt.Sprintf(format, args...)) }
	if suspect.Len() > d.SuspectRows || control.Len() > d.ControlRows {
		warn("looked at %d of %d suspect and %d of %d control rows, chosen by prompt", d.SuspectRows, suspect.Len(), d.ControlRows, control.Len())
	}
	if slices.ContainsFunc(s.rows, func(r row) bool { return r.cut }) {
		warn("looked at the first %d bytes of each completion", budget(len(s.rows)))
	}
	if !d.Matched {
		warn("the arms share no prompts, or too few: a difference of prompts can not be told from a difference of writers")
	} else if all := len(s.rows); d.TestedRows*5 < all*4 {
		warn("tests and areas rest on the %d of %d rows whose prompts both arms have", d.TestedRows, all)
	}
	if s.wide > 0 && d.Matched {
		warn("%d of %d rows answer prompts too common to be held out, or none: they are held out by content alone", s.wide, len(s.rows))
	}
	size := make([]int, s.components)
	for _, c := range s.component {
		size[c]++
	}
	if len(size) > 0 && slices.Max(size)*s.folds > len(s.rows) {
		warn("%d of %d rows are linked by prompt or content and stand in one fold: scores are estimated on unequal folds", slices.Max(size), len(s.rows))
	}
	return w
}

// needs says what the design lacks, or "".
func (s *sheet) needs(tested []int, matched bool, config Config) string {
	var n [2]int
	folds := make([][2]int, s.folds)
	for _, i := range tested {
		n[btoi(s.suspect[i])]++
		folds[s.fold[i]][btoi(s.suspect[i])]++
	}
	if need := 2 * config.Folds * config.Bag; n[0] < need || n[1] < need {
		which := "whose prompts one arm alone has"
		if matched {
			which = "whose prompts both arms have"
		}
		return fmt.Sprintf("needs at least %d rows of each arm for bags of %d (2 bags in each of %d folds), or a smaller Bag; has %d suspect and %d control rows %s",
			need, config.Bag, config.Folds, n[1], n[0], which)
	}
	for _, f := range folds {
		if f[0] < config.Bag || f[1] < config.Bag {
			return fmt.Sprintf("needs a bag of %d rows of each arm in each of %d folds: too many rows share their prompt or content (%d groups); give more varied rows, fewer Folds or a smaller Bag",
				config.Bag, config.Folds, s.components)
		}
	}
	return ""
}
