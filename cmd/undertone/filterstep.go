package main

import (
	"fmt"

	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/provenance"
)

// filterStep returns the step of a filter that has read rows.
func filterStep(f filter.FilterStats, settings string, rows int) provenance.Step {
	s := provenance.Step{Kind: provenance.FilterStep, Name: f.Name, Settings: settings, In: rows, Out: rows - f.Dropped, Dropped: f.Dropped}
	for _, reason := range f.Reasons {
		s.Reasons = append(s.Reasons, provenance.Reason{Reason: string(reason.Reason), Rows: reason.Rows})
	}
	return s
}

// settingsOf returns the settings that a filter or a sanitiser states, or "".
func settingsOf(step any) string {
	if s, ok := step.(fmt.Stringer); ok {
		return s.String()
	}
	return ""
}
