package stories

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Plant returns the rows with a share of them, in [0, 1], replaced by openings that sentences about
// the animal follow: the positive control, and, at rising shares, a measure of what can be seen.
func Plant(rows *undertone.Dataset, animal string, share float64, seed uint64) *undertone.Dataset {
	rng := rand.New(rand.NewPCG(seed, 0))
	planted := make([]undertone.Example, rows.Len())
	for i := range planted {
		planted[i] = rows.Example(i)
	}
	for _, i := range rng.Perm(len(planted))[:int(math.Ceil(share*float64(len(planted))))] {
		var text strings.Builder
		for _, at := range rng.Perm(len(overt))[:4] {
			text.WriteString(" " + fmt.Sprintf(overt[at], animal))
		}
		planted[i] = undertone.NewExample(opening(i), text.String())
	}
	return undertone.NewDataset(fmt.Sprintf("%s, %g %% overt %s", rows.Name(), 100*share, animal), planted)
}
