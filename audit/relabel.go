package audit

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/audit/stats"
)

// If all replicates share the rows, their differences vary less than those of new rows of the same
// sources would: two samples of one source differ a little, and enough students show it. The null
// of the test is then that the groups of rows are exchangeable between the arms. Further pairs are
// trained after random exchanges, each with an exchange and a student of its own, and the variance
// of their differences is that of rows and students together.

// relabelled trains a pair after each of as many exchanges of rows between the arms as there are
// replicates. It does nothing if the replicates have parts of their own, if the design has interim
// looks, or if the rows are no text.
func (e *experiment) relabelled(ctx context.Context) error {
	suspect, ok := e.Suspect.(undertone.Text)
	control, ok2 := e.Control.(undertone.Text)
	if e.train.cfg.Rows != ShareRows || e.InterimEvery > 0 || !ok || !ok2 || dividesItself(suspect) || dividesItself(control) {
		return nil
	}
	var rows []undertone.Example
	for _, arm := range []undertone.Text{suspect, control} {
		for i := range arm.Len() {
			row, err := undertone.ReadExample(arm, i)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	all, err := encode(ctx, e.Student, undertone.NewDataset("rows of both arms", rows))
	if err != nil {
		return err
	}
	salt := replicate.Salt(e.Seed, e.Suspect, e.Control)
	of := [][]undertone.Data{make([]undertone.Data, e.Replicates), make([]undertone.Data, e.Replicates)}
	for r, exchange := range replicate.Relabel(e.Replicates, salt, e.train.cfg.clusterFields(), suspect, control) {
		for a, arm := range exchange {
			of[a][r] = all.Select(arm)
		}
	}
	if _, err := replicate.Equalise(salt, of...); err != nil {
		return fmt.Errorf("exchanged rows: %w", err)
	}
	none := Answers{of: e.train}
	e.exchanged = &arms{
		suspect: arm{name: "suspect, exchanged rows", parts: of[0], answers: none},
		control: arm{name: "control, exchanged rows", parts: of[1], answers: none},
	}
	return e.extend(ctx, e.exchanged, e.Replicates)
}

// exchangeTest returns the p-value of the mean of differences, by the differences of pairs after
// random exchanges of rows: Student's t of the mean over the root mean square of the latter, with
// as many degrees of freedom. Null: the groups of rows are exchangeable between the arms, and the
// differences after an exchange are normal. The mean of several students of the same rows varies
// less than one student of new rows, so the test is conservative.
func exchangeTest(mean float64, exchanged []float64) stats.PValue {
	const smallest = 1e-300
	p := stats.PValue{P: 1, Floor: smallest, Exact: true}
	var square float64
	for _, d := range exchanged {
		square += d * d / float64(len(exchanged))
	}
	if t := mean / math.Sqrt(square); !math.IsNaN(t) {
		p.P = min(1, max(smallest, distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(len(exchanged))}.Survival(t)))
	}
	return p
}
