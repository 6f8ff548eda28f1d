package report

import (
	"fmt"
	"strconv"

	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/contrib/report/internal/figure"
)

// corpusPage returns the page of a comparison of two data sets.
func corpusPage(r *corpus.Result) *Page {
	c := corpusReport{r}
	return &Page{
		Kind: "corpus", Schema: r.Schema, Version: r.Version, Digest: r.Digest.String(), Subject: r.Design.SuspectName,
		Question: "Can the rows of “" + shortName(r.Design.SuspectName) + "” be told apart from those of “" + shortName(r.Design.ControlName) + "”?",
		Outcome:  r.Outcome.String(), Tone: c.tone(), Sentence: c.sentence(), Sure: c.sure(),
		Unseen: []string{
			"The comparison sees the texts of the rows and asks no model.",
			"A difference is not a trait, and no difference does not rule a trait out.",
			"Whether a student would learn anything from the rows was not looked at.",
		},
		Next: c.next(), Checks: c.checks(),
		Sections: nonEmpty(c.channels(), c.features(), c.rows(), c.positiveControl(), c.design(), warnings(r.Warnings)),
	}
}

type corpusReport struct{ *corpus.Result }

// tone returns the tone of the page and of its gate. A difference is evidence and no verdict, so it
// is neutral.
func (r corpusReport) tone() Tone {
	if r.Outcome == corpus.Inconclusive {
		return Inconclusive
	}
	return Neutral
}

func (r corpusReport) sentence() string {
	switch r.Outcome {
	case corpus.Distinguishable:
		return "Yes. The arms can be told apart by " + list(r.By) + "."
	case corpus.NotDistinguishable:
		return "No. Any difference that the comparison observes is within the margin, and a known difference was found."
	}
	return "The comparison cannot tell. The reasons say what is missing."
}

func (r corpusReport) sure() []string {
	s := sentences(r.Reasons)
	if r.Content != nil {
		s = append(s, "The p-value of content and layout, adjusted, is "+pvalue(r.P)+".")
	}
	return s
}

func (r corpusReport) next() []string {
	switch r.Outcome {
	case corpus.Distinguishable:
		return []string{
			"Look at the features and rows below, because most differences are those of a filter, a format or a source.",
			"Match the arms with undertone match and sanitise both alike before an audit.",
			"Audit with students to learn whether the difference carries a trait.",
		}
	case corpus.NotDistinguishable:
		return []string{"The arms suit an audit.", "Audit with students to learn whether the rows carry a trait.", "Compare again when either file changes."}
	}
	return []string{"Read the reasons and give more rows, or a positive control.", "Do not read this as a clean result.", "Compare again then."}
}

func (r corpusReport) checks() []Check {
	c := Check{Name: "distinguishable", Outcome: r.Outcome.String(), Tone: r.tone(), Reasons: r.Reasons, ID: "corpus", Numbers: []Number{{"p", full(r.P.P)}}}
	if r.Content != nil {
		c.Numbers = append(c.Numbers, Number{"auroc_rows", full(r.Content.Row.Area)}, Number{"auroc_bags", full(r.Content.Bag.Area)},
			Number{"auroc_bags_low", full(r.Content.Bag.Low)}, Number{"auroc_bags_high", full(r.Content.Bag.High)})
	}
	for _, row := range r.Rows {
		c.Rows = append(c.Rows, Row{row.ID.String(), row.Index, row.Score})
	}
	return []Check{c}
}

// all returns the results of all channels.
func (r corpusReport) all() (all []corpus.ChannelResult) {
	for _, c := range []*corpus.ChannelResult{r.Content, r.Beyond, r.Layout} {
		if c != nil {
			all = append(all, *c)
		}
	}
	return append(all, r.Channels...)
}

func (r corpusReport) channels() Section {
	s := Section{ID: "channels", Title: "What tells the arms apart"}
	all := r.all()
	if len(all) == 0 {
		return s
	}
	table := &Table{Caption: "The area under the ROC curve of each channel; one half is chance", Header: []string{"channel", "single rows", "interval", "bags of rows", "interval of bags", "p", "observes"}}
	var bars []figure.Effect
	for _, c := range all {
		table.Rows = append(table.Rows, []Cell{
			plainCell(c.Channel), numberCell(plain(c.Row.Area), c.Row.Area), plainCell(plain(c.Row.Low) + " to " + plain(c.Row.High)),
			numberCell(plain(c.Bag.Area), c.Bag.Area), plainCell(plain(c.Bag.Low) + " to " + plain(c.Bag.High)), numberCell(pvalue(c.P), c.P.P), plainCell(c.Observes),
		})
		bars = append(bars, figure.Effect{Name: c.Channel, Mean: c.Bag.Area, Low: c.Bag.Low, High: c.Bag.High})
	}
	f := figure.Bars(fmt.Sprintf("AUROC of bags of %d rows", all[0].Bag.Bag), 0.5, r.Design.Settings.Margin, bars)
	f.Title = "How well each channel tells bags of rows apart"
	f.Description = "The area for bags of rows with its interval; the table holds the numbers."
	s.Blocks = []Block{drawn(f), {Table: table}}
	if m := r.MMD; m != nil {
		s.Blocks = append(s.Blocks, texts("A second test of the content, the maximum mean discrepancy, gives "+plain(m.Squared)+" with a p-value of "+pvalue(m.P)+"."))
	}
	return s
}

func (r corpusReport) features() Section {
	s := Section{ID: "features", Title: "Features"}
	table := &Table{Caption: "Features whose shares differ most", Header: []string{"feature", "share of suspect rows", "share of control rows", "standardised difference"}}
	for _, f := range r.Features {
		table.Rows = append(table.Rows, []Cell{plainCell(f.Feature), numberCell(percent(f.Suspect), f.Suspect), numberCell(percent(f.Control), f.Control), numberCell(plain(f.Z), f.Z)})
	}
	if len(table.Rows) > 0 {
		s.Blocks = []Block{{Table: table}}
	}
	return s
}

func (r corpusReport) rows() Section {
	s := Section{ID: "rows", Title: "Rows"}
	table := &Table{Caption: "Suspect rows that differ most from the control", Header: []string{"row", "score, nats", "row ID", "prompt group ID"}}
	for _, row := range r.Rows {
		table.Rows = append(table.Rows, []Cell{numberCell(strconv.Itoa(row.Index), float64(row.Index)), numberCell(signed(row.Score), row.Score), codeCell(row.ID.Short()), codeCell(row.Prompt.Short())})
	}
	if len(table.Rows) > 0 {
		s.Blocks = []Block{texts("Rows are counted from zero."), {Table: table}}
	}
	return s
}

func (r corpusReport) positiveControl() Section {
	s := Section{ID: "positive-control", Title: "Positive control"}
	if c := r.PositiveControl; c != nil {
		text := "The known difference was not found, so the comparison has not shown that it sees one."
		if c.Found {
			text = "The known difference was found, so the comparison is able to see one."
		}
		s.Blocks = []Block{texts(text), {Items: sentences(c.Reasons)}}
	}
	return s
}

func (r corpusReport) design() Section {
	d := r.Design
	matched := "no"
	if d.Matched {
		matched = "yes"
	}
	return Section{ID: "design", Title: "Design", Blocks: []Block{pairs("What was compared",
		[2]string{"suspect", d.SuspectName + ", " + plural(d.SuspectRows, "row") + ", digest " + d.Suspect.Short()},
		[2]string{"control", d.ControlName + ", " + plural(d.ControlRows, "row") + ", digest " + d.Control.Short()},
		[2]string{"shared prompts", count(d.SharedPrompts)}, [2]string{"tested rows", count(d.TestedRows)}, [2]string{"matched by prompt", matched},
		[2]string{"clusters", count(d.SuspectUnits) + " of the suspect, " + count(d.ControlUnits) + " of the control"},
		[2]string{"alpha", plain(d.Settings.Alpha)}, [2]string{"margin", plain(d.Settings.Margin)}, [2]string{"seed", strconv.FormatUint(d.Settings.Seed, 10)},
		[2]string{"report", r.Digest.String()})}}
}

// warnings returns a section of warnings.
func warnings(of []string) Section {
	s := Section{ID: "warnings", Title: "Warnings"}
	if len(of) > 0 {
		s.Blocks = []Block{{Items: of}}
	}
	return s
}
