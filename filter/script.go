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

// Script drops a row if too few letters of its completion are of the allowed
// scripts, such as unicode.Latin or unicode.Scripts["Greek"]. A script is not
// a language: Latin allows English and Turkish alike. Letters that Unicode
// gives to no one script (Common and Inherited, such as ª and ー) do not
// count, nor do digits, punctuation and marks; a text without letters is kept.
type Script struct {
	Allowed  []*unicode.RangeTable
	MinShare float64 // least share of letters of these scripts, above 0 to 1; 0 means 1, all
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
