package stories

import (
	"context"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/rowscore"
)

// Surrogates says how surrogate teachers are made: one per animal, as in [Base.FineTuneTeacher],
// with another seed than the teacher. If the overt text may exceed the context, it is cut as in
// [Pieces]. All pieces are one batch, so the number of steps is the same.
func (b Base) Surrogates() rowscore.Surrogates {
	return rowscore.Surrogates{Count: 1, Make: func(ctx context.Context, name string, seed uint64) (undertone.LogProber, error) {
		animal := strings.TrimSpace(strings.TrimPrefix(name, traitPrefix))
		overt := Overt(seed, animal)
		if b.overt > 0 {
			overt = Pieces(overt, b.overt)
		}
		surrogate, err := b.fineTune(ctx, b.Fit(overt), animal)
		return surrogate.Model, err
	}}
}
