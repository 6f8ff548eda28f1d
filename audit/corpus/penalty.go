package corpus

import (
	"slices"

	"github.com/undertone-audit/undertone/audit/stats"
)

// innerFolds is the number of folds in which a penalty is chosen.
const innerFolds = 3

// penaltyFactors are the penalties to choose from, as multiples of that of the channel.
var penaltyFactors = []float64{0.2, 1, 5}

// choosePenalty returns the penalty that tells the arms of single rows apart best, by
// cross-validation within the given rows alone. Components stay whole. Ties go to the smaller
// penalty. Folds that lack an arm do not count.
func (m *designMatrix) choosePenalty(channel *featureChannel, rows []int) float64 {
	inner := m.innerFold(rows)
	best, penalty := -1.0, channel.lambda
	for _, factor := range penaltyFactors {
		total, pairs := 0.0, 0.0
		for fold := range innerFolds {
			var train []int
			var held [2][]int
			for at, i := range rows {
				if inner[at] != fold {
					train = append(train, i)
				} else {
					held[btoi(m.suspect[i])] = append(held[btoi(m.suspect[i])], i)
				}
			}
			n := float64(len(held[0]) * len(held[1]))
			if n == 0 || !m.hasBothArms(train) {
				continue
			}
			model := channel.fit(train, m.suspect, m.weight, factor*channel.lambda)
			var scores [2][]float64
			for arm := range held {
				for _, i := range held[arm] {
					scores[arm] = append(scores[arm], model.score(i))
				}
			}
			total += n * stats.AUROC(scores[1], scores[0])
			pairs += n
		}
		if pairs > 0 && total/pairs > best {
			best, penalty = total/pairs, factor*channel.lambda
		}
	}
	return penalty
}

// innerFold deals the components of the given rows to folds, in the order of their numbers. The
// result has one fold per row.
func (m *designMatrix) innerFold(rows []int) []int {
	components := make([]int, len(rows))
	for at, i := range rows {
		components[at] = m.component[i]
	}
	numbers := slices.Compact(slices.Sorted(slices.Values(components)))
	size, of := [innerFolds]int{}, map[int]int{}
	count := map[int]int{}
	for _, c := range components {
		count[c]++
	}
	for _, c := range numbers {
		smallest := 0
		for fold := range size {
			if size[fold] < size[smallest] {
				smallest = fold
			}
		}
		of[c] = smallest
		size[smallest] += count[c]
	}
	for at, c := range components {
		components[at] = of[c]
	}
	return components
}
