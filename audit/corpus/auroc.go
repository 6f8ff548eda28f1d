package corpus

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone/audit/stats"
)

// foldScores holds the scores of one fold by arm: control at 0, suspect at 1.
type foldScores [2][]float64

// bagAUROC returns the AUROC of bags of k rows. Rows of one arm and one fold are shuffled into
// bags, and the score of a bag is the sum over its rows. The result is the mean over folds,
// weighted by their number of pairs of bags, and over rounds of shuffling. Folds without a bag of
// each arm do not count. The result is NaN if no fold counts.
func bagAUROC(folds []foldScores, k, rounds int, rng *rand.Rand) float64 {
	total, pairs := 0.0, 0.0
	if k == 1 {
		rounds = 1
	}
	var bags [2][]float64
	for range rounds {
		for _, fold := range folds {
			for arm, scores := range fold {
				if k > 1 {
					rng.Shuffle(len(scores), func(i, j int) { scores[i], scores[j] = scores[j], scores[i] })
				}
				bags[arm] = appendBags(bags[arm][:0], scores, k)
			}
			if n := float64(len(bags[0]) * len(bags[1])); n > 0 {
				total += n * stats.AUROC(bags[1], bags[0])
				pairs += n
			}
		}
	}
	return total / pairs
}

// appendBags appends the sums of k consecutive scores. It leaves out an incomplete bag.
func appendBags(bags, scores []float64, k int) []float64 {
	for bag := range slices.Chunk(scores, k) {
		if len(bag) == k {
			sum := 0.0
			for _, s := range bag {
				sum += s
			}
			bags = append(bags, sum)
		}
	}
	return bags
}

const (
	bagRounds  = 10  // rounds of shuffling rows into bags
	bootstraps = 200 // bootstrap samples of an interval, over all repetitions of cross-validation
)

// auroc estimates the AUROC of bags of k rows from out-of-fold scores, and the standard error of
// the estimate: that of a bootstrap, times √2. The bootstrap resamples whole components within
// folds. The unit is the component. The standard error is infinite if the bootstrap has no two
// samples.
//
// The reason for √2: the rows of two folds train each other's models, so every pair of rows enters
// the sum of out-of-fold scores twice. For scores that are linear in the labels the variance under
// the null is exactly twice that of fixed scores, and a bootstrap of scores estimates the variance
// of fixed scores.
func (m *designMatrix) auroc(scores []float64, rows []int, k, bootstraps int, seed uint64) (area, se float64) {
	rng := rand.New(rand.NewPCG(seed, 0xa0c))
	components := m.componentsByFold(rows)
	folds := make([]foldScores, m.folds)
	fill := func(pick func(n, at int) int) {
		for f, groups := range components {
			folds[f] = foldScores{folds[f][0][:0], folds[f][1][:0]}
			for at := range groups {
				for _, i := range groups[pick(len(groups), at)] {
					arm := btoi(m.suspect[i])
					for range int(m.weight[i]) {
						folds[f][arm] = append(folds[f][arm], scores[i])
					}
				}
			}
		}
	}
	fill(func(_, at int) int { return at })
	area = bagAUROC(folds, k, bagRounds, rng)
	sum, squares, n := 0.0, 0.0, 0.0
	for range bootstraps {
		if m.stop.stopped() {
			break
		}
		fill(func(n, _ int) int { return rng.IntN(n) })
		if a := bagAUROC(folds, k, 2, rng); !math.IsNaN(a) {
			sum, squares, n = sum+a, squares+a*a, n+1
		}
	}
	if n < 2 {
		return area, math.Inf(1)
	}
	return area, math.Sqrt2 * math.Sqrt(max(0, squares/n-sum*sum/n/n))
}

// aurocOf returns an estimate with its normal interval of the level 1 − alpha, within [0, 1].
func aurocOf(bag int, area, se, alpha float64) AUROC {
	half := stats.TwoSided(1-alpha, 0) * se
	return AUROC{Bag: bag, Area: area, Low: max(0, area-half), High: min(1, area+half)}
}

// componentsByFold groups the given rows by fold and component.
func (m *designMatrix) componentsByFold(rows []int) [][][]int {
	byFold := make([][][]int, m.folds)
	index := map[int]int{}
	for _, i := range rows {
		f := m.fold[i]
		at, ok := index[m.component[i]]
		if !ok {
			at = len(byFold[f])
			index[m.component[i]] = at
			byFold[f] = append(byFold[f], nil)
		}
		byFold[f][at] = append(byFold[f][at], i)
	}
	return byFold
}
