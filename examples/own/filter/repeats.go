// Package filter shows how to write a filter of rows.
package filter

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// Repeats drops rows whose completion repeats a line too often, as a model does that is caught in a
// loop. Empty lines do not count.
type Repeats struct {
	Max int // occurrences of one line, >= 1 (default 3)
}

// reason is constant: reasons are counted, so they must be few and must not quote the row.
const reason filter.Reason = "repeated line"

var _ filter.Filter = Repeats{}

// Name implements [filter.Filter].
func (f Repeats) Name() string { return "repeats" }

// String returns the settings for the history of the data set.
func (f Repeats) String() string { return fmt.Sprintf("at most %d times", cmp.Or(f.Max, 3)) }

// Reasons implements [filter.Filter].
func (f Repeats) Reasons(row undertone.Example) []filter.Reason {
	occurrences := map[string]int{}
	for line := range strings.Lines(row.Completion()) {
		line = strings.TrimSpace(line)
		if occurrences[line]++; line != "" && occurrences[line] > cmp.Or(f.Max, 3) {
			return []filter.Reason{reason}
		}
	}
	return nil
}
