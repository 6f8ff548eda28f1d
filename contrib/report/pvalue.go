package report

import (
	"fmt"

	"github.com/undertone-audit/undertone/audit"
)

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
		return "p-value " + f.P.String() + " against chance"
	}
	return fmt.Sprintf("p-value %s against chance and %s against the placebos (the larger one counts)", f.P, plain(p))
}

// pvalueRows returns the p-values of a finding as rows of a table.
func pvalueRows(f audit.Finding) [][2]string {
	rows := [][2]string{{"p-value against chance", f.P.String()}}
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
	text := "The p-value against chance is " + f.P.String()
	p, tested := placeboP(f)
	if !tested {
		return text
	}
	return text + "; that against the placebos, which has no figure, is " + plain(p) + ", and the larger of the two counts"
}
