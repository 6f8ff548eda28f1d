package corpus

import (
	"math"
	"math/rand/v2"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

// unit is what changes its arm as a whole: a row, or all rows of a prompt.
type unit struct {
	rows    []int
	suspect bool
}

// block is a list of units of one fold whose arms are exchangeable under the null.
type block struct {
	fold  int
	units []unit
}

type foldPrompt struct {
	fold   int
	prompt undertone.Digest
}

// promptBlocks makes a block of the given rows of one prompt in one fold, if both arms have some.
// Each row is a unit.
func (m *designMatrix) promptBlocks(rows []int) []block {
	index := map[foldPrompt]int{}
	var blocks []block
	for _, i := range rows {
		key := foldPrompt{m.fold[i], m.prompt[i]}
		at, ok := index[key]
		if !ok {
			at = len(blocks)
			index[key] = at
			blocks = append(blocks, block{fold: key.fold})
		}
		blocks[at].units = append(blocks[at].units, unit{[]int{i}, m.suspect[i]})
	}
	both := blocks[:0]
	for _, b := range blocks {
		if n := b.suspects(); n > 0 && n < len(b.units) {
			both = append(both, b)
		}
	}
	return both
}

// foldBlocks makes a block of the given rows of each fold. Each prompt is a unit.
func (m *designMatrix) foldBlocks(rows []int) []block {
	blocks := make([]block, m.folds)
	index := map[foldPrompt]int{}
	for _, i := range rows {
		key := foldPrompt{m.fold[i], m.prompt[i]}
		b := &blocks[key.fold]
		b.fold = key.fold
		at, ok := index[key]
		if !ok {
			at = len(b.units)
			index[key] = at
			b.units = append(b.units, unit{suspect: m.suspect[i]})
		}
		b.units[at].rows = append(b.units[at].rows, i)
	}
	return blocks
}

// suspects returns the number of suspect units.
func (b block) suspects() int {
	n := 0
	for _, u := range b.units {
		n += btoi(u.suspect)
	}
	return n
}

// scoreBlock holds the scores of the units of a block, centred within the block.
type scoreBlock struct {
	stats.Block[float64]
	weight float64
}

// scoreTest is a permutation test of scores from models of earlier folds only.
//
// Null: the arms of the units are exchangeable within blocks. Alternative: suspect scores are
// higher. The statistic is the sum over folds of √fold·z, where z is the sum of the suspect units'
// centred scores, divided by its exact standard deviation over permutations. Later folds weigh
// more, because their models saw more rows. The scores of a fold depend on the arms of earlier
// folds only, so z has mean 0 and variance 1 whatever came before (a martingale difference).
// Out-of-fold scores of ordinary cross-validation lack this property. Ties follow [stats.Tail].
func scoreTest(blocks []block, scores []float64, draws int, rng *rand.Rand) stats.PValue {
	centred := centredScores(blocks, scores)
	observed, scale := 0.0, 0.0
	for k, b := range blocks {
		for j, u := range b.units {
			if u.suspect {
				observed += centred[k].weight * centred[k].Units[j]
			}
			scale += centred[k].weight * math.Abs(centred[k].Units[j])
		}
	}
	tail := stats.NewTail(observed, scale)
	for range draws {
		sum := 0.0
		for _, b := range centred {
			if b.weight == 0 {
				continue
			}
			b.Relabel(rng)
			labelled := 0.0
			for _, x := range b.Units[:b.Labelled] {
				labelled += x
			}
			sum += b.weight * labelled
		}
		tail.Add(sum)
	}
	return tail.MonteCarlo()
}

// centredScores returns the blocks with the weights of their folds.
func centredScores(blocks []block, scores []float64) []scoreBlock {
	centred := make([]scoreBlock, len(blocks))
	variance := map[int]float64{} // by fold, of the sum of the suspect units' scores
	for k, b := range blocks {
		x := make([]float64, len(b.units))
		mean := 0.0
		for j, u := range b.units {
			for _, i := range u.rows {
				x[j] += scores[i]
			}
			mean += x[j] / float64(len(x))
		}
		squares := 0.0
		for j := range x {
			x[j] -= mean
			squares += x[j] * x[j]
		}
		centred[k].Block = stats.Block[float64]{Units: x, Labelled: b.suspects()}
		// Sampling m of n without replacement from values with this sum of squares.
		if m, n := float64(b.suspects()), float64(len(x)); n > 1 {
			variance[b.fold] += m * (n - m) / (n * (n - 1)) * squares
		}
	}
	for k, b := range blocks {
		if v := variance[b.fold]; v > 0 {
			centred[k].weight = math.Sqrt(float64(b.fold) / v)
		}
	}
	return centred
}
