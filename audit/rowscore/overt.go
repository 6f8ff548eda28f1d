package rowscore

import (
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
)

// candidate is the trait or one of its placebos. A surrogate is made, or a gradient taken, for
// each.
type candidate struct {
	name   string
	target []int // by probe
}

// candidates lists the trait first and then its placebos.
func candidates(t audit.Trait) []candidate {
	list := []candidate{{t.Name, t.Target}}
	for _, p := range t.Placebos {
		list = append(list, candidate{p.Name, p.Target})
	}
	return list
}

// overtRows returns n rows that show the candidate openly: each question of the trait in turn, with
// the outcome that expresses the candidate.
func overtRows(t audit.Trait, c candidate, n int) *undertone.Dataset {
	rows := make([]undertone.Example, n)
	for i := range rows {
		p := i % len(t.Probes)
		rows[i] = undertone.NewExample(t.Probes[p].Name, t.Probes[p].Outcomes[c.target[p]])
	}
	return undertone.NewDataset("overt "+c.name, rows)
}

// allOvertRows returns one overt row for each question and each candidate.
func allOvertRows(t audit.Trait) *undertone.Dataset {
	var rows []undertone.Example
	for _, c := range candidates(t) {
		own := overtRows(t, c, len(t.Probes))
		for i := range own.Len() {
			rows = append(rows, own.Example(i))
		}
	}
	return undertone.NewDataset("overt rows of all candidates", rows)
}

// untrainedProber returns the untrained student of replicate 0 as a model that scores rows.
func untrainedProber(c audit.Config) (undertone.LogProber, error) {
	base, err := replicate.Untrained(c.Student, 0)
	if err != nil {
		return nil, err
	}
	m, ok := base.(undertone.LogProber)
	if !ok {
		return nil, fmt.Errorf("student %T does not implement LogProber", base)
	}
	return m, nil
}

// minPlacebos is the number of placebos below which their effects say too little about the effect
// of an unrelated direction.
const minPlacebos = 4

// requireTextAndPlacebos returns an error if the rows are not text, or if a trait has too few
// placebos or a probe that is not text.
func requireTextAndPlacebos(c audit.Config) error {
	for _, d := range []undertone.Data{c.Suspect, c.Control} {
		if _, ok := d.(undertone.Text); !ok {
			return fmt.Errorf("data set %.80q is a %T, want rows of text", d.Name(), d)
		}
	}
	for _, t := range c.Traits {
		if len(t.Placebos) < minPlacebos {
			return fmt.Errorf("trait %.40q has %d placebos, want >= %d: scores are centred by those of the placebos", t.Name, len(t.Placebos), minPlacebos)
		}
		if i := slices.IndexFunc(t.Probes, func(p audit.Probe) bool { return !p.IsText() }); i >= 0 {
			return fmt.Errorf("trait %.40q: probe %.40q is not a question in text; make it with audit.Choose", t.Name, t.Probes[i].Name)
		}
	}
	return nil
}
