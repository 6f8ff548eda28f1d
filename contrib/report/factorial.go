package report

import (
	"fmt"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/factorial"
	"github.com/undertone-audit/undertone/contrib/report/internal/figure"
)

// factorialPage returns the page of a crossed audit.
func factorialPage(r *factorial.Report) *Page {
	f := factorialReport{r}
	names, traits := make([]string, len(r.Arms)), make([]string, len(r.Arms))
	for i, a := range r.Arms {
		names[i], traits[i] = a.Data.Name, a.Trait
	}
	return &Page{
		Kind: "factorial", Schema: r.Schema, Version: r.Version, Digest: r.Digest.String(), Subject: list(names),
		Question: "Do " + quoted(names) + " give students the traits that they are named for?",
		Outcome:  r.Verdict.String(), Tone: toneOf(r.Verdict), Sentence: f.sentence(), Sure: f.sure(),
		Unseen: []string{
			"Which of the data sets carries its trait is described and not tested.",
			"Traits that no data set is named for were not looked for.",
			"A crossed audit never clears a data set.",
		},
		Next: f.next(), Traits: traits, Checks: f.checks(),
		Sections: nonEmpty(f.arms(), f.table("lifts", "Lifts", r.Lifts), f.table("residuals", "Lifts without the means of arms and traits", r.Residuals), f.replicates(), f.design(), warnings(r.Warnings)),
	}
}

type factorialReport struct{ *factorial.Report }

func (r factorialReport) sentence() string {
	if r.Verdict == audit.Detected {
		return "Yes. Students express the trait that their data set is named for more than the other traits."
	}
	return "The audit cannot tell. " + sentence(list(r.Reasons))
}

func (r factorialReport) sure() []string {
	return append(sentences(r.Reasons),
		"The diagonal effect is "+signed(r.Gamma.Mean)+", interval "+interval(r.Gamma.Interval)+", against a tolerance of "+plain(r.Tolerance)+".",
		"The p-value over replicates is "+pvalue(r.PReplicates)+", and over assignments of data sets to traits "+pvalue(r.PAssignments)+".",
		"The chance of a false detection in an audit of clean rows is at most "+percent(r.Design.Alpha)+".")
}

func (r factorialReport) next() []string {
	if r.Verdict == audit.Detected {
		return []string{"Do not train on these data sets as they are.", "Audit each data set alone with undertone audit to learn which of them carries its trait.", "Find the rows with undertone rank."}
	}
	first := "Read the reasons and repair the design."
	if r.Needed > 0 {
		first = "Run it again with at least " + count(r.Needed) + " replicates, which the report expects to suffice."
	}
	return []string{first, "Treat the rows as unaudited until then.", "Audit a single data set with undertone audit to clear a trait."}
}

func (r factorialReport) checks() []Check {
	c := Check{Name: "diagonal effect", Outcome: r.Verdict.String(), Tone: toneOf(r.Verdict), Reasons: r.Reasons, ID: "factorial", Numbers: []Number{
		{"gamma", full(r.Gamma.Mean)}, {"interval_low", full(r.Gamma.Low)}, {"interval_high", full(r.Gamma.High)}, {"tolerance", full(r.Tolerance)},
		{"p_replicates", full(r.PReplicates.P)}, {"p_assignments", full(r.PAssignments.P)},
	}}
	c.Effects = []string{"effect " + signed(r.Gamma.Mean) + " " + interval(audit.Interval{Low: r.Gamma.Low, High: r.Gamma.High}) + ", p-value over arms " + plain(r.PAssignments.P)}
	return []Check{c}
}

func (r factorialReport) arms() Section {
	table := &Table{Caption: "The data sets and their own traits", Header: []string{"data", "rows", "trait", "lift", "interval", "rank without the means"}}
	var effects []figure.Effect
	for _, a := range r.Arms {
		table.Rows = append(table.Rows, []Cell{
			plainCell(a.Data.Name), numberCell(count(a.Data.Rows), float64(a.Data.Rows)), plainCell(a.Trait), numberCell(signed(a.Lift.Mean), a.Lift.Mean),
			plainCell(interval(a.Lift.Interval)), numberCell(fmt.Sprint(a.Rank), float64(a.Rank)),
		})
		effects = append(effects, figure.Effect{Name: a.Trait, Mean: a.Lift.Mean, Low: a.Lift.Low, High: a.Lift.High, Tolerance: r.Tolerance})
	}
	f := figure.Effects(r.Scale.Unit(), effects[:min(shownEffects, len(effects))])
	f.Title = "Lift of the own trait of each data set"
	f.Description = "The lift of the trait that the data set is named for, with its interval. The table holds the numbers."
	return Section{ID: "arms", Title: "Data sets", Blocks: []Block{drawn(f), {Table: table}, texts("The rank is that of the own trait in the row of the data set in the table of lifts without the means of arms and traits. 1 is the largest.")}}
}

// table returns a table of data sets by traits.
func (r factorialReport) table(id, title string, of [][]float64) Section {
	t := &Table{Caption: title + ", in " + r.Scale.Unit(), Header: []string{"data"}}
	for _, a := range r.Arms {
		t.Header = append(t.Header, a.Trait)
	}
	for i, row := range of {
		if i >= len(r.Arms) {
			break
		}
		cells := []Cell{plainCell(r.Arms[i].Data.Name)}
		for _, v := range row {
			cells = append(cells, numberCell(signed(v), v))
		}
		t.Rows = append(t.Rows, cells)
	}
	return Section{ID: id, Title: title, Blocks: []Block{{Table: t}}}
}

func (r factorialReport) replicates() Section {
	s := Section{ID: "replicates", Title: "Replicates"}
	if len(r.ByReplicate) < 2 {
		return s
	}
	detected := r.Verdict == audit.Detected
	null := figure.Chance("mean of the replicates, "+r.Scale.Unit(), figure.SignFlips(r.ByReplicate), mean(r.ByReplicate), detected)
	null.Title = "What chance alone gives"
	null.Description = "Histogram of the diagonal effect after the signs of replicates are flipped at random, and the observed mean. The p-value over replicates is " + pvalue(r.PReplicates) + "."
	dots := figure.Pairs("diagonal effect, "+r.Scale.Unit(), r.Tolerance, []figure.Series{{Name: "replicates", Class: "effect", Values: r.ByReplicate}})
	dots.Title = "Diagonal effect of each replicate"
	dots.Description = plural(len(r.ByReplicate), "replicate") + "; the bar is the mean."
	s.Blocks = []Block{drawn(null), drawn(dots)}
	return s
}

func (r factorialReport) design() Section {
	control := "the untrained student"
	if r.Control != nil {
		control = dataText(*r.Control)
	}
	return Section{ID: "design", Title: "Design", Blocks: []Block{pairs("What was compared, and how",
		[2]string{"reference", control}, [2]string{"replicates", count(r.Design.Replicates) + ", row plan " + string(r.Design.Rows)},
		[2]string{"rows of a student", count(r.Design.RowsEach)}, [2]string{"training", audit.TrainingText(r.Recipe)}, [2]string{"engine", r.Engine},
		[2]string{"alpha", plain(r.Design.Alpha)}, [2]string{"seed", fmt.Sprint(r.Design.Seed)},
		[2]string{"student weights", r.Student.String()}, [2]string{"report", r.Digest.String()})}}
}
