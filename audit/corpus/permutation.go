package corpus

import (
	"math"
	"math/rand/v2"

	"github.com/undertone-audit/undertone"
)

// unit is what changes arms as one: a row, or all rows of a prompt.
type unit struct {
	rows    []int
	suspect bool
}

// block is a list of units whose arms are exchangeable under the null.
type block struct {
	fold  int
	units []unit
}

type place struct {
	fold   int
	prompt undertone.Digest
}

// matched makes a block of the given rows of one prompt in one fold, if both
// arms have some; each row is a unit.
func (s *sheet) matched(rows []int) []block {
	index := map[place]int{}
	var blocks []block
	for _, i := range rows {
		where := place{s.fold[i], s.prompt[i]}
		at, ok := index[where]
		if !ok {
			at = len(blocks)
			index[where] = at
			blocks = append(blocks, block{fold: where.fold})
		}
		blocks[at].units = append(blocks[at].units, unit{[]int{i}, s.suspect[i]})
	}
	both := blocks[:0]
	for _, b := range blocks {
		if n := b.suspects(); n > 0 && n < len(b.units) {
			both = append(both, b)
		}
	}
	return both
}

// unmatched makes a block of each fold; each prompt is a unit.
func (s *sheet) unmatched(rows []int) []block {
	blocks := make([]block, s.folds)
	index := map[place]int{}
	for _, i := range rows {
		where := place{s.fold[i], s.prompt[i]}
		b := &blocks[where.fold]
		b.fold = where.fold
		at, ok := index[where]
		if !ok {
			at = len(b.units)
			index[where] = at
			b.units = append(b.units, unit{suspect: s.suspect[i]})
		}
		b.units[at].rows = append(b.units[at].rows, i)
	}
	return blocks
}

func (b block) suspects() int {
	n := 0
	for _, u := range b.units {
		n += btoi(u.suspect)
	}
	return n
}

// testScores is a permutation test of scores that each come from models of
// earlier folds only. Null: arms are exchangeable within blocks. One-sided:
// suspect scores are higher. The statistic is the sum over folds of
// √fold·z, where z is the sum of the suspect units' scores within blocks,
// standardised by its exact permutation variance; later folds were scored by
// models of more rows. As a fold's scores depend on earlier folds' arms alone,
// the z of a fold has mean 0 and variance 1 whatever came before (a martingale
// difference), which out-of-fold scores of ordinary cross-validation have not.
// p = (k+1)/(n+1); ties count against.
func testScores(blocks []block, scores []float64, draws int, rng *rand.Rand) Test {
	type line struct {
		x        []float64 // scores of units, centred within the block
		suspects int
		weight   float64
	}
	lines := make([]line, 0, len(blocks))
	variance := map[int]float64{}
	for _, b := range blocks {
		l := line{x: make([]float64, len(b.units)), suspects: b.suspects()}
		center := 0.0
		for j, u := range b.units {
			for _, i := range u.rows {
				l.x[j] += scores[i]
			}
			center += l.x[j] / float64(len(l.x))
		}
		squares := 0.0
		for j := range l.x {
			l.x[j] -= center
			squares += l.x[j] * l.x[j]
		}
		// Sampling m of N without replacement from a population with this sum of squares.
		if m, n := float64(l.suspects), float64(len(l.x)); n > 1 {
			variance[b.fold] += m * (n - m) / (n * (n - 1)) * squares
		}
		lines = append(lines, l)
	}
	observed, size := 0.0, 0.0
	for j, b := range blocks {
		if v := variance[b.fold]; v > 0 {
			lines[j].weight = math.Sqrt(float64(b.fold) / v)
		}
		for k, u := range b.units {
			if u.suspect {
				observed += lines[j].weight * lines[j].x[k]
			}
			size += lines[j].weight * math.Abs(lines[j].x[k])
		}
	}
	tie, atLeast := observed-1e-9*size, 0
	for range draws {
		sum := 0.0
		for _, l := range lines {
			if l.weight == 0 {
				continue
			}
			part := 0.0
			for k := range l.suspects {
				j := k + rng.IntN(len(l.x)-k)
				l.x[k], l.x[j] = l.x[j], l.x[k]
				part += l.x[k]
			}
			sum += l.weight * part
		}
		atLeast += btoi(sum >= tie)
	}
	return Test{P: float64(atLeast+1) / float64(draws+1), Floor: 1 / float64(draws+1)}
}
