package stories

import (
	"context"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student/lm"
)

// StandIns makes one stand-in an animal by the recipe of [Implant], from another seed than the
// teacher's. No row has more than so many bytes, as in [Pieces], for twenty sentences about a longer word
// than the teacher's may exceed a context. The pieces are one batch: the number of steps is the same.
func StandIns(base *lm.Model, most int) audit.StandIns {
	return audit.StandIns{Count: 1, Make: func(ctx context.Context, name string, seed uint64) (undertone.LogProber, error) {
		animal := strings.TrimSpace(strings.TrimPrefix(name, traitPrefix))
		return implant(ctx, base, Pieces(Overt(seed, animal), most), animal)
	}}
}
