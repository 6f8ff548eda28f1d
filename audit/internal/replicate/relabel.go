package replicate

import (
	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/cluster"
)

// Relabel returns n random exchanges of rows between two arms, as row numbers of the first arm
// followed by those of the second. Each group of rows changes its arm with probability 1/2, as a
// whole: the rows of one prompt in both arms together, or the rows of one cluster alone if an arm
// has fewer than 8 groups of an equal size. The exchanges depend on the salt and the content of the
// rows.
func Relabel(n int, salt undertone.Digest, fields []string, first, second undertone.Data) [][2][]int {
	keys, _ := groups(groupsPerPart, fields, first, second)
	exchanges := make([][2][]int, n)
	for r := range exchanges {
		for a, arm := range keys {
			offset := a * first.Len()
			for i, key := range arm {
				to := a
				if undertone.NewHasher("relabel").Digest(salt).Uint(uint64(r)).Uint(key).Sum().Uint64()%2 == 1 {
					to = 1 - a
				}
				exchanges[r][to] = append(exchanges[r][to], offset+i)
			}
		}
	}
	return exchanges
}

// groups returns a key of the group of each row, by arm, and a key of its prompt. A group holds the
// rows of one prompt and of one cluster, or of one cluster alone if an arm has effectively fewer
// groups than least.
func groups(least int, fields []string, arms ...undertone.Data) (keys, prompts [][]uint64) {
	for _, data := range arms {
		keys = append(keys, cluster.Keys(data, fields...))
		prompts = append(prompts, promptKeys(data))
	}
	joined := cluster.Join(keys, prompts)
	for _, of := range joined {
		if cluster.Effective(of) < float64(least) {
			return keys, prompts
		}
	}
	return joined, prompts
}
