// Package detector shows how to write a detector.
package detector

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
)

// Mentions compares the shares of suspect and control rows that name what the trait prefers, such
// as "owl". Such rows show the trait openly. It does not set Clears: a data set without such rows
// may still teach a student the trait.
var Mentions = audit.Detector{
	Name:        "mentions",
	Doc:         "compares the shares of suspect and control rows that name the outcome of the trait",
	Observes:    "rows that name the outcome of the trait",
	Limitations: "rows that carry the trait without naming it",
	Requires:    requireText,
	Measure:     measure,
	Judge:       judge,
}

// tolerance is the smallest difference between the shares that matters: one row in 50.
const tolerance = 0.02

func requireText(c audit.Config) error {
	for _, data := range []undertone.Data{c.Suspect, c.Control} {
		if _, ok := data.(undertone.Text); !ok {
			return fmt.Errorf("data set %.80q is a %T, want rows of text", data.Name(), data)
		}
	}
	return nil
}

// measure returns one measurement per trait. It sees the rows and no significance level.
func measure(ctx context.Context, pass *audit.Pass) ([]audit.Measurement, error) {
	measurements := make([]audit.Measurement, len(pass.Traits))
	for i, trait := range pass.Traits {
		outcome := trait.Probes[0].Outcomes[trait.Target[0]]
		suspect, err := count(ctx, pass.Suspect.(undertone.Text), outcome)
		if err != nil {
			return nil, err
		}
		control, err := count(ctx, pass.Control.(undertone.Text), outcome)
		if err != nil {
			return nil, err
		}
		effect, p := compare(suspect, control)
		measurements[i] = audit.Measurement{Unit: "share of rows", Effect: effect, P: p, Tolerance: tolerance}
	}
	return measurements, nil
}
