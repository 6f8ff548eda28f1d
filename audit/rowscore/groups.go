package rowscore

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// A group is a set of prompts. One gradient is computed for its rows of each arm, so that all
// candidates are scored in one pass over the rows.
const (
	largestGroup       = 32 // pairs of rows
	groupsPerCandidate = 20 // that are wanted, so that the covariance of the candidates' scores is known well
)

// pairedGroups pairs rows of two arms with equal prompts, and divides the pairs into groups. The
// result has the indices of the rows of each group in either arm; a row without a partner is in no
// group. Rows of a prompt are paired in the order of their digests, so that neither the positions
// of rows nor what they say decides.
func pairedGroups(first, second undertone.Data, candidates int) (of, against [][]int) {
	a, b := byDigest(first), byDigest(second)
	var pairs [][2]int
	for len(a) > 0 && len(b) > 0 {
		switch order := bytes.Compare(a[0].prompt[:], b[0].prompt[:]); {
		case order < 0:
			a = a[1:]
		case order > 0:
			b = b[1:]
		default:
			pairs = append(pairs, [2]int{a[0].index, b[0].index})
			a, b = a[1:], b[1:]
		}
	}
	size := min(largestGroup, max(1, len(pairs)/(groupsPerCandidate*candidates)))
	for group := range slices.Chunk(pairs, size) {
		var x, y []int
		for _, p := range group {
			x, y = append(x, p[0]), append(y, p[1])
		}
		of, against = append(of, x), append(against, y)
	}
	return of, against
}

// digested is a row with its digests.
type digested struct {
	prompt, row undertone.Digest
	index       int
}

func byDigest(data undertone.Data) []digested {
	rows := make([]digested, data.Len())
	for i := range rows {
		rows[i] = digested{data.GroupID(i), data.RowID(i), i}
	}
	slices.SortFunc(rows, func(a, b digested) int {
		return cmp.Or(bytes.Compare(a.prompt[:], b.prompt[:]), bytes.Compare(a.row[:], b.row[:]), cmp.Compare(a.index, b.index))
	})
	return rows
}

// groupScores are the scores of groups for all candidates: [candidate][group], with the number of
// pairs of each group.
type groupScores struct {
	Suspect [][]float64
	Control [][]float64
	Pairs   []int
}

// check returns an error unless there are scores of n groups for all candidates.
func (g groupScores) check(candidates, n int) error {
	if len(g.Pairs) != n || len(g.Suspect) != candidates || len(g.Control) != candidates {
		return fmt.Errorf("it holds scores of %d groups for %d candidates, want %d and %d", len(g.Pairs), len(g.Suspect), n, candidates)
	}
	for c := range candidates {
		if len(g.Suspect[c]) != n || len(g.Control[c]) != n {
			return fmt.Errorf("it holds scores of %d and %d groups, want %d", len(g.Suspect[c]), len(g.Control[c]), n)
		}
	}
	return nil
}

// derivatives returns the derivatives of the mean log-likelihood of each group along directions:
// [direction][group]. A direction has the shape of the weights of the student.
func derivatives(ctx context.Context, of student.Differentiable, data undertone.Data, groups [][]int, directions [][][]float32) ([][]float64, error) {
	scores := make([][]float64, len(directions))
	for d := range scores {
		scores[d] = []float64{}
	}
	err := of.Gradients(ctx, data, groups, func(_ int, gradient [][]float32) error {
		for d, direction := range directions {
			scores[d] = append(scores[d], product(gradient, direction))
		}
		return nil
	})
	return scores, err
}

func product(a, b [][]float32) float64 {
	sum := 0.0
	for t := range a {
		for i, v := range a[t] {
			sum += float64(v) * float64(b[t][i])
		}
	}
	return sum
}

// centring returns the [regression] over the sums of the scores of both arms. If the labels of the
// two rows of a pair are exchanged, it does not change.
func (g groupScores) centring() centring {
	sums := make([][]float64, len(g.Suspect))
	weights := make([]float64, len(g.Pairs))
	for c := range sums {
		sums[c] = make([]float64, len(g.Pairs))
		for i := range sums[c] {
			sums[c][i] = g.Suspect[c][i] + g.Control[c][i]
		}
	}
	for i, n := range g.Pairs {
		weights[i] = float64(n)
	}
	return regression([][]float64{weights}, sums)
}

// differences returns the standardised differences of the arms for each candidate, weighted so that
// their sum over the groups is the effect: [candidate][group].
func (g groupScores) differences(c centring) [][]float64 {
	total := 0
	for _, n := range g.Pairs {
		total += n
	}
	suspect, control := c.apply(g.Suspect), c.apply(g.Control)
	for j := range suspect {
		for i, n := range g.Pairs {
			suspect[j][i] = (suspect[j][i] - control[j][i]) / c.scale[j] * float64(n) / float64(total)
		}
	}
	return suspect
}

// sumsOf returns the effects of the candidates.
func sumsOf(differences [][]float64) []float64 {
	effects := make([]float64, len(differences))
	for c, list := range differences {
		for _, d := range list {
			effects[c] += d
		}
	}
	return effects
}

// relabelled returns effects after random exchanges of the arms of groups: [draw][candidate].
func relabelled(differences [][]float64, draws int, seed uint64) [][]float64 {
	rng := rand.New(rand.NewPCG(seed, 0x67726f757073))
	all := make([][]float64, draws)
	for d := range all {
		all[d] = make([]float64, len(differences))
		for i := range differences[0] {
			sign := float64(2*rng.IntN(2) - 1)
			for c := range differences {
				all[d][c] += sign * differences[c][i]
			}
		}
	}
	return all
}
