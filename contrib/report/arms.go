package report

import (
	"slices"
	"strconv"

	"github.com/undertone-audit/undertone/audit"
)

// arms returns how suspect and control differ besides the trait.
func (r auditReport) arms() Section {
	s := Section{ID: "arms", Title: "The arms"}
	if c := r.Confounds; c != nil {
		table := &Table{Caption: "Differences that are no trait", Header: []string{"check", "result", "largest measure", "suspect", "control", "distance", "margin"}}
		for _, check := range c.Checks {
			result, tone := "agree", Undetected
			switch {
			case check.Differs && slices.Contains(c.Accepted, check.Name):
				result, tone = "differ, accepted", Inconclusive
			case check.Differs:
				result, tone = "differ", Detected
			}
			row := []Cell{plainCell(string(check.Name)), toneCell(result, tone)}
			if len(check.Measures) == 0 {
				row = append(row, plainCell("all rows are equal in it"), Cell{}, Cell{}, Cell{}, Cell{})
			} else {
				worst := check.Measures[0]
				for _, m := range check.Measures {
					if m.Distance-m.Chance-m.Margin > worst.Distance-worst.Chance-worst.Margin {
						worst = m
					}
				}
				row = append(row, plainCell(worst.Name+": "+worst.Value), numberCell(plain(worst.Suspect), worst.Suspect), numberCell(plain(worst.Control), worst.Control),
					numberCell(plain(worst.Distance), worst.Distance), numberCell(plain(worst.Margin), worst.Margin))
			}
			table.Rows = append(table.Rows, row)
		}
		s.Blocks = append(s.Blocks, Block{Table: table}, texts("“Agree” means that no distance exceeds its margin by more than chance gives. The arms need not be equal."))
	}
	if len(r.Evidence) > 0 {
		table := &Table{Caption: "What tells the arms apart, whatever the trait", Header: []string{"detector", "result", "statement", "measure", "value", "p"}}
		for _, e := range r.Evidence {
			result, tone := "not told apart", Undetected
			if e.Differ {
				result, tone = "told apart", Inconclusive
			}
			table.Rows = append(table.Rows, []Cell{
				plainCell(e.Detector), toneCell(result, tone), plainCell(e.Statement), plainCell(e.Measure), numberCell(plain(e.Value), e.Value), numberCell(pvalue(e.P), e.P.P),
			})
		}
		s.Blocks = append(s.Blocks, Block{Table: table}, texts("That the arms can be told apart is evidence of a source, of a filter or of a trait. It is never a verdict."))
	}
	return s
}

// rows returns the suspect rows with the largest scores.
func (r auditReport) rows() Section {
	s := Section{ID: "rows", Title: "Rows"}
	table := &Table{Caption: "Suspect rows with the largest scores", Header: []string{"row", "score", "by", "trait", "row ID"}}
	add := func(detector, trait string, top []audit.RowScore) {
		for _, row := range top {
			table.Rows = append(table.Rows, []Cell{numberCell(strconv.Itoa(row.Index), float64(row.Index)), numberCell(signed(row.Score), row.Score), plainCell(detector), plainCell(trait), codeCell(row.Row.Short())})
		}
	}
	for _, f := range r.Findings {
		if f.RowScores != nil {
			add(f.Detector, f.Trait, f.RowScores.Top)
		}
	}
	for _, e := range r.Evidence {
		add(e.Detector, "any difference", e.Top)
	}
	if len(table.Rows) > 0 {
		s.Blocks = []Block{texts("Rows are counted from zero. The report holds their numbers and IDs and not their text. A high score of one row proves nothing about that row."), {Table: table}}
	}
	return s
}
