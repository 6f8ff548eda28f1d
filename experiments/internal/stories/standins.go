package stories

import (
	"context"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/rowscore"
)

// StandIns makes one stand-in an animal by the recipe of [Base.Implant], from another seed than the
// teacher's. Where twenty sentences about a longer word than the teacher's may exceed the context, they are
// cut as in [Pieces]. The pieces are one batch: the number of steps is the same.
func (b Base) StandIns() rowscore.Surrogates {
	return rowscore.Surrogates{Count: 1, Make: func(ctx context.Context, name string, seed uint64) (undertone.LogProber, error) {
		animal := strings.TrimSpace(strings.TrimPrefix(name, traitPrefix))
		overt := Overt(seed, animal)
		if b.overt > 0 {
			overt = Pieces(overt, b.overt)
		}
		standIn, err := b.implant(ctx, b.Fit(overt), animal)
		return standIn.Model, err
	}}
}
