package filter

import (
	"fmt"
	"maps"
	"slices"
	"unicode"

	"github.com/undertone-audit/undertone"
)

// OtherScript is the reason of [Script].
const OtherScript Reason = "other script"

// Script drops a row if the letters of its completion belong to other scripts than the allowed
// ones, such as unicode.Latin or unicode.Scripts["Greek"]. A script is not a language: English and
// Turkish are both Latin. Letters of the scripts Common and Inherited, such as ª and ー, do not
// count, nor do digits, punctuation and marks. A text without letters is kept.
type Script struct {
	Allowed  []*unicode.RangeTable
	MinShare float64 // smallest share of letters of the allowed scripts, in (0, 1] (default 1)
}

// Name implements [Filter].
func (s Script) Name() string { return "script" }

// String states the settings.
func (s Script) String() string {
	names := []string{}
	for _, table := range s.Allowed {
		names = append(names, scriptName(table))
	}
	return fmt.Sprintf("at least %v of the letters in %v", s.share(), names)
}

func (s Script) share() float64 {
	if s.MinShare == 0 {
		return 1
	}
	return s.MinShare
}

// scriptName returns the name of a table of unicode.Scripts.
func scriptName(table *unicode.RangeTable) string {
	for _, name := range slices.Sorted(maps.Keys(unicode.Scripts)) {
		if unicode.Scripts[name] == table {
			return name
		}
	}
	return "unnamed"
}

// Reasons implements [Filter].
func (s Script) Reasons(row undertone.Example) []Reason {
	letters, allowed := 0, 0
	for _, r := range row.Completion() {
		if !unicode.IsLetter(r) || unicode.In(r, unicode.Common, unicode.Inherited) {
			continue
		}
		letters++
		if unicode.In(r, s.Allowed...) {
			allowed++
		}
	}
	if float64(allowed) < s.share()*float64(letters) {
		return []Reason{OtherScript}
	}
	return nil
}
