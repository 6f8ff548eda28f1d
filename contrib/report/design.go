package report

import (
	"strconv"
	"strings"

	"github.com/undertone-audit/undertone/audit"
)

// design returns the design and what it cost.
func (r auditReport) design() Section {
	d := r.Design
	looks := "one look at the end"
	if d.InterimEvery > 0 {
		looks = "an interim look every " + plural(d.InterimEvery, "replicate")
	}
	rows := [][2]string{
		{"suspect", dataText(r.Suspect)}, {"control", dataText(r.Control)},
		{"student", r.student()},
		{"replicates", count(d.Replicates) + " per arm, row plan " + string(d.Rows) + ", " + looks},
		{"error rate", "alpha " + plain(d.Alpha) + " over " + plural(d.Tests, "test")},
		{"dose", percent(d.Dose) + " positive-control rows must be found before a trait is undetected"},
		{"cluster field", d.ClusterBy},
		{"seed", strconv.FormatUint(d.Seed, 10)},
	}
	if d.Whole > 0 {
		rows = append(rows, [2]string{"students of all rows", count(d.Whole) + " per arm"})
	}
	c := r.Recipe
	cost := [][2]string{
		{"training", audit.TrainingText(c) + ", batches of " + count(c.BatchSize) + ", schedule " + string(c.Schedule)},
		{"engine", r.Engine},
	}
	for _, f := range r.Findings {
		if f.Replicates != nil {
			cost = append(cost, [2]string{"rows of a student", count(f.Replicates.RowsEach)})
			if w := f.Replicates.Whole; w != nil {
				cost = append(cost, [2]string{"rows of a student of all rows", count(w.Rows)})
			}
			break
		}
	}
	if r.Trainer != nil {
		cost = append(cost, [2]string{"trainer", strings.Join(r.Trainer.Command, " ")})
	}
	s := Section{ID: "design", Title: "Design", Blocks: []Block{pairs("What was compared, and how", rows...), pairs("What was computed", cost...)}}
	if r.Rendered != nil {
		s.Blocks = append(s.Blocks, pairs("The first row of each arm as the student sees it", [2]string{"suspect", r.Rendered.Suspect}, [2]string{"control", r.Rendered.Control}))
		if len(r.Rendered.Additions) > 0 {
			s.Blocks = append(s.Blocks, Block{Items: r.Rendered.Additions})
		}
	}
	return s
}

func dataText(d audit.DataInfo) string {
	rows := plural(d.Rows, "row")
	if d.Used > 0 {
		rows = count(d.Used) + " of " + rows
	}
	return d.Name + ", " + rows + ", digest " + d.Digest.Short()
}

func (r auditReport) student() string {
	if r.StudentName == "" {
		return "weights " + r.Student.Short()
	}
	return r.StudentName + ", weights " + r.Student.Short()
}

func (r auditReport) detectors() Section {
	table := &Table{Caption: "What each detector does and cannot see", Header: []string{"detector", "what it does", "observes", "cannot see", "can clear a trait"}}
	for _, d := range r.Detectors {
		clears := "no"
		if d.Clears {
			clears = "yes"
		}
		table.Rows = append(table.Rows, []Cell{plainCell(d.Name), plainCell(d.Doc), plainCell(d.Observes), plainCell(d.Limitations), plainCell(clears)})
	}
	return Section{ID: "detectors", Title: "Detectors", Blocks: []Block{{Table: table}}}
}
