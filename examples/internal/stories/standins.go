package stories

import (
	"context"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student/lm"
)

// StandIns makes one stand-in an animal by the recipe of [Implant], from another seed than the
// teacher's. For a base of a small context, most is how many bytes a row may have, as for
// [Pieces]: the pieces of the text are one batch, so that the number of steps stays the same.
func StandIns(base *lm.Model, most int) audit.StandIns {
	return audit.StandIns{Count: 1, Make: func(ctx context.Context, name string, seed uint64) (undertone.LogProber, error) {
		animal := strings.TrimSpace(strings.TrimPrefix(name, traitPrefix))
		text := Overt(seed, animal)
		if most > 0 {
			text = Pieces(text, most)
		}
		return implant(ctx, base, text, animal)
	}}
}
