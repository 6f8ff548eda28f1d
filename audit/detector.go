package audit

import (
	"context"
	"errors"
	"fmt"
)

// Detector is one way of looking for traits in a data set, as a value: a new one
// is one file. A detector touches nothing but its pass.
type Detector struct {
	Name string // one word, unique in an audit
	Doc  string // what it does, in a sentence

	Sees  string // the channel that it observes
	Blind string // what it cannot see

	// Requires returns an error if the audit lacks what the detector needs; nil if it needs nothing special.
	Requires func(Config) error

	// Run returns one finding for each trait of the pass, in their order.
	Run func(context.Context, *Pass) ([]Finding, error)
}

// Pass is what a detector is given: the audit with every default filled in.
type Pass struct {
	Config
	lab *lab // trains and probes
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
		case d.Run == nil:
			return fmt.Errorf("detector %.40s has no Run", d.Name)
		case seen[d.Name]:
			return fmt.Errorf("detector %.40s stands twice in the audit", d.Name)
		}
		seen[d.Name] = true
	}
	return nil
}
