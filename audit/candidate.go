package audit

import (
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
)

// candidate is a trait or one of its siblings, for which a stand-in teacher can be made.
type candidate struct {
	name   string
	target []int // by probe
}

// candidates lists the trait first and then its siblings.
func (t Trait) candidates() []candidate {
	list := []candidate{{t.Name, t.Target}}
	for _, p := range t.Placebos {
		list = append(list, candidate{p.Name, p.Target})
	}
	return list
}

// overt returns n rows that show the candidate's trait to anyone who looks: each
// question in turn, with the outcome that expresses it.
func (t Trait) overt(c candidate, n int) *undertone.Dataset {
	rows := make([]undertone.Example, n)
	for i := range rows {
		p := i % len(t.Probes)
		rows[i] = undertone.NewExample(t.Probes[p].Name, t.Probes[p].Outcomes[c.target[p]])
	}
	return undertone.NewDataset("overt "+c.name, rows)
}

// fewestSiblings is the number of siblings below which they say too little about what
// a direction that has nothing to do with the rows looks like.
const fewestSiblings = 4

// needsRowsAndSiblings is what the detectors that score rows require.
func needsRowsAndSiblings(c Config) error {
	for _, d := range []undertone.Data{c.Suspect, c.Control} {
		if _, ok := d.(undertone.Text); !ok {
			return fmt.Errorf("data set %.80q is a %T, want rows of text", d.Name(), d)
		}
	}
	for _, t := range c.Traits {
		if len(t.Placebos) < fewestSiblings {
			return fmt.Errorf("trait %.40q has %d placebos, want at least %d: scores are centred by those of its siblings", t.Name, len(t.Placebos), fewestSiblings)
		}
		if i := slices.IndexFunc(t.Probes, func(p Probe) bool { return !p.text }); i >= 0 {
			return fmt.Errorf("trait %.40q: probe %.40q is not a question that text answers; make it with Choose", t.Name, t.Probes[i].Name)
		}
	}
	return nil
}
