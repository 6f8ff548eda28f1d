package audit

import (
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/document"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/student"
)

// Rendered shows the first row of each arm with everything that the chat template of the student
// adds.
type Rendered struct {
	Suspect string `json:"suspect"`
	Control string `json:"control"`

	// Additions says what the chat template adds to the rows of the arms: system prompts, dates,
	// text before answers.
	Additions []string `json:"additions,omitempty"`
}

// renderedBytes is the length at which a row in a report is cut.
const renderedBytes = 2000

// annotatedRows is the number of rows of an arm in which additions are counted.
const annotatedRows = 1000

// rendered sets the first row of each arm, or nothing if the student cannot show them, and warns of
// system prompts that no row has.
func (r *Report) rendered(cfg Config) {
	base, err := replicate.Untrained(cfg.Student, 0)
	if err != nil {
		return // the detectors report the error
	}
	show, ok := base.(student.Renderer)
	if !ok {
		return
	}
	var shown [2]string
	var arms [2]undertone.Text
	for a, data := range []undertone.Data{cfg.Suspect, cfg.Control} {
		if arms[a], ok = data.(undertone.Text); !ok {
			return
		}
		if shown[a], err = show.Render(arms[a].Example(0)); err != nil {
			return
		}
		shown[a] = document.Clip(shown[a], renderedBytes)
	}
	r.Rendered = &Rendered{Suspect: shown[0], Control: shown[1]}
	annotator, ok := base.(student.Annotator)
	if !ok {
		return
	}
	additions := annotator.Additions()
	if additions == nil {
		return
	}
	for _, a := range countAdditions(additions, arms) {
		r.Rendered.Additions = append(r.Rendered.Additions, a.String())
		if a.System {
			r.warn("%s; the student learns the rows under this text, and is asked under it", a)
		}
	}
}

// addition is what the chat template adds, and to how many of the counted rows of each arm.
type addition struct {
	student.Addition
	in, of [2]int
}

// countAdditions returns the additions to the first rows of the arms, in the order in which they
// appear.
func countAdditions(additions func(undertone.Example) []student.Addition, arms [2]undertone.Text) []addition {
	var all []addition
	var of [2]int
	for a, rows := range arms {
		of[a] = min(rows.Len(), annotatedRows)
		for i := range of[a] {
			for _, found := range additions(rows.Example(i)) {
				at := slices.IndexFunc(all, func(known addition) bool { return known.Addition == found })
				if at < 0 {
					at = len(all)
					all = append(all, addition{Addition: found})
				}
				all[at].in[a]++
			}
		}
	}
	for i := range all {
		all[i].of = of
	}
	return all
}

// String names the arms and the rows.
func (a addition) String() string {
	switch {
	case a.in[1] == 0:
		return fmt.Sprintf("suspect, %d of %d rows: %s", a.in[0], a.of[0], a.Statement)
	case a.in[0] == 0:
		return fmt.Sprintf("control, %d of %d rows: %s", a.in[1], a.of[1], a.Statement)
	}
	return fmt.Sprintf("suspect, %d of %d rows, and control, %d of %d rows: %s", a.in[0], a.of[0], a.in[1], a.of[1], a.Statement)
}
