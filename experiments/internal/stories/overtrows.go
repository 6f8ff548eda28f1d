package stories

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/undertone-audit/undertone"
)

// WithOvert returns the rows with a share of them, in [0, 1], replaced by overt rows: openings
// followed by sentences about the animal. It makes positive controls and data sets of a known dose.
func WithOvert(rows *undertone.Dataset, animal string, share float64, seed uint64) *undertone.Dataset {
	rng := rand.New(rand.NewPCG(seed, 0))
	mixed := make([]undertone.Example, rows.Len())
	for i := range mixed {
		mixed[i] = rows.Example(i)
	}
	for _, i := range rng.Perm(len(mixed))[:int(math.Ceil(share*float64(len(mixed))))] {
		var text strings.Builder
		for _, at := range rng.Perm(len(overt))[:4] {
			text.WriteString(" " + fmt.Sprintf(overt[at], animal))
		}
		mixed[i] = undertone.NewExample(opening(i), text.String())
	}
	return undertone.NewDataset(fmt.Sprintf("%s, %g %% overt %s", rows.Name(), 100*share, animal), mixed)
}
