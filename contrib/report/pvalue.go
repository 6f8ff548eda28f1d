package report

import (
	"fmt"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/contrib/report/internal/figure"
)

// pvalue writes a p-value with the digits of the other numbers of a page: equal numbers look equal.
func pvalue(p stats.PValue) string {
	if p.AtFloor() {
		return "≤ " + plain(p.Floor) + " (floor)"
	}
	return plain(p.P)
}

// placeboP returns the p-value of the test against the placebos, and false if the finding has none.
func placeboP(f audit.Finding) (float64, bool) {
	switch {
	case f.Replicates != nil && f.Replicates.PPlacebo > 0:
		return f.Replicates.PPlacebo, true
	case f.RowScores != nil && f.Placebos != nil:
		return f.RowScores.PPlacebo, true
	}
	return 0, false
}

// pvalueText says which p-value of a finding enters the adjustment.
func pvalueText(f audit.Finding) string {
	p, tested := placeboP(f)
	if !tested {
		return "p-value " + pvalue(f.P) + " against chance"
	}
	return fmt.Sprintf("p-value %s against chance and %s against the placebos (the larger one counts)", pvalue(f.P), plain(p))
}

// pvalueRows returns the p-values of a finding as rows of a table.
func pvalueRows(f audit.Finding) [][2]string {
	rows := [][2]string{{"p-value against chance", pvalue(f.P)}}
	p, tested := placeboP(f)
	if !tested {
		return append(rows, [2]string{"adjusted p-value", plain(f.PAdjusted) + ", by Holm over all tests of the audit"})
	}
	return append(rows,
		[2]string{"p-value against the placebos", plain(p)},
		[2]string{"p-value of the finding", plain(f.TestedP()) + ", the larger of the two"},
		[2]string{"adjusted p-value", plain(f.PAdjusted) + ", that of the finding, adjusted by Holm over all tests of the audit"},
	)
}

// chanceP says, below a figure of a null distribution, which p-value belongs to it.
func chanceP(f audit.Finding) string {
	text := "The p-value against chance is " + pvalue(f.P)
	p, tested := placeboP(f)
	if !tested {
		return text
	}
	return text + "; that against the placebos, in the next figure, is " + plain(p) + ", and the larger of the two counts"
}

// placeboFigure returns the placebos and the trait on one scale; nil if there is no test.
func (f finding) placeboFigure() []Block {
	p, tested := placeboP(f.Finding)
	if !tested || f.Placebos == nil || len(f.Placebos.Effects) < 2 {
		return nil
	}
	effects := make([]float64, len(f.Placebos.Effects))
	for i, e := range f.Placebos.Effects {
		effects[i] = e.Mean
	}
	g := figure.Placebos("effect, "+f.Unit, effects, f.Effect.Mean, f.detected())
	g.Title = "What the placebos give, beside " + f.Trait + f.ofWhole()
	g.Description = "The effects of the placebos, where one more placebo would lie if they follow a normal distribution, and the effect of the trait. The p-value against the placebos is " + plain(p) +
		". It tests the distance from the placebos and not the rank, and allows for distributions with heavier tails than the normal one."
	return []Block{drawn(g)}
}
