package audit

import (
	"context"
	"errors"
	"fmt"
)

// Detector is one way of looking at a data set, as a value: a new one is one file. It looks for
// traits with Run, or for any difference between the arms with Compare. A detector touches
// nothing but its pass.
type Detector struct {
	Name string // one word, unique in an audit
	Doc  string // what it does, in a sentence

	Observes    string // the channel that it observes
	Limitations string // what it cannot see

	// Requires returns an error if the audit lacks what the detector needs; nil if it needs nothing special.
	Requires func(Config) error

	// Run returns one finding for each trait of the pass, in their order. The audit
	// adjusts their p-values; a finding of detected whose adjusted p is above alpha becomes inconclusive.
	Run func(context.Context, *Pass) ([]Finding, error)

	// Compare returns what can be said about the arms, whatever the trait: evidence, and never a verdict.
	Compare func(context.Context, *Pass) (*Evidence, error)
}

// Pass is what a detector is given: the audit with every default filled in.
type Pass struct {
	Config
	Tests int // findings of the audit, over whose p-values Holm's adjustment runs

	lab      *lab // trains and probes
	rankings []Ranking
}

func checkDetectors(detectors []Detector) error {
	if len(detectors) == 0 {
		return errors.New("there are no detectors; leave the list nil for the transfer detector")
	}
	seen := map[string]bool{}
	for i, d := range detectors {
		switch {
		case d.Name == "":
			return fmt.Errorf("detector %d has no name", i)
		case d.Run == nil && d.Compare == nil:
			return fmt.Errorf("detector %.40s has no Run and no Compare", d.Name)
		case d.Run != nil && d.Compare != nil:
			return fmt.Errorf("detector %.40s has Run and Compare; make it two", d.Name)
		case seen[d.Name]:
			return fmt.Errorf("detector %.40s stands twice in the audit", d.Name)
		}
		seen[d.Name] = true
	}
	return nil
}
