package corpus

import (
	"math"
	"math/rand/v2"
	"slices"
)

// auroc is the chance that a suspect score exceeds a control score, ties counted
// half: the Mann–Whitney statistic over its largest value. Without both arms it
// is NaN.
func auroc(suspect, control []float64) float64 {
	suspect, control = slices.Clone(suspect), slices.Clone(control)
	slices.Sort(suspect)
	slices.Sort(control)
	wins, below, upTo := 0.0, 0, 0
	for _, s := range suspect {
		for below < len(control) && control[below] < s {
			below++
		}
		upTo = max(upTo, below)
		for upTo < len(control) && control[upTo] <= s {
			upTo++
		}
		wins += float64(below+upTo) / 2
	}
	return wins / (float64(len(suspect)) * float64(len(control)))
}

// stratum is one fold's scores by arm: control at 0, suspect at 1.
type stratum [2][]float64

// bagged is the AUROC of bags of k rows within folds: rows of one arm and one
// fold are shuffled into bags, a bag scores the sum of its rows, and folds are
// averaged by their number of pairs. The mean over rounds shuffles; a fold
// without a bag of both arms does not count. NaN if none counts.
func bagged(folds []stratum, k, rounds int, rng *rand.Rand) float64 {
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
				bags[arm] = bags[arm][:0]
				for bag := range slices.Chunk(scores, k) {
					if len(bag) == k {
						sum := 0.0
						for _, s := range bag {
							sum += s
						}
						bags[arm] = append(bags[arm], sum)
					}
				}
			}
			if n := float64(len(bags[0]) * len(bags[1])); n > 0 {
				total += n * auroc(bags[1], bags[0])
				pairs += n
			}
		}
	}
	return total / pairs
}

// Interval rules. The bootstrap resamples whole components within folds.
const (
	shuffles   = 10
	bootstraps = 200
)

// areaOf estimates the AUROC of bags of k rows from out-of-fold scores, with a
// 95 % interval: the bootstrap standard error over components, widened by √2.
//
// Why √2: two folds' rows inform each other's models, so every pair of rows is
// counted twice in the sum of out-of-fold scores. For scores linear in the
// labels the variance under the null is exactly twice what it is for fixed
// scores, which is all that a bootstrap of scores can see.
func (s *sheet) areaOf(scores []float64, rows []int, k int, seed uint64) AUROC {
	rng := rand.New(rand.NewPCG(seed, 0xa0c))
	byFold := make([][][]int, s.folds) // rows by fold and component
	index := map[int]int{}
	for _, i := range rows {
		f := s.fold[i]
		at, ok := index[s.component[i]]
		if !ok {
			at = len(byFold[f])
			index[s.component[i]] = at
			byFold[f] = append(byFold[f], nil)
		}
		byFold[f][at] = append(byFold[f][at], i)
	}
	folds := make([]stratum, s.folds)
	fill := func(pick func(n, at int) int) {
		for f, groups := range byFold {
			folds[f] = stratum{folds[f][0][:0], folds[f][1][:0]}
			for at := range groups {
				for _, i := range groups[pick(len(groups), at)] {
					arm := btoi(s.suspect[i])
					for range int(s.weight[i]) {
						folds[f][arm] = append(folds[f][arm], scores[i])
					}
				}
			}
		}
	}
	fill(func(_, at int) int { return at })
	area := AUROC{Bag: k, Area: bagged(folds, k, shuffles, rng)}
	sum, squares, n := 0.0, 0.0, 0.0
	for range bootstraps {
		fill(func(n, _ int) int { return rng.IntN(n) })
		if a := bagged(folds, k, 2, rng); !math.IsNaN(a) {
			sum, squares, n = sum+a, squares+a*a, n+1
		}
	}
	half := 0.5
	if n > 1 {
		half = 1.96 * math.Sqrt2 * math.Sqrt(max(0, squares/n-sum*sum/n/n))
	}
	area.Low, area.High = max(0, area.Area-half), min(1, area.Area+half)
	return area
}
