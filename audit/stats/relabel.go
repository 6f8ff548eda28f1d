package stats

import (
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// StratifiedNull returns what [CompareStratified] would give for the mean if the arms' labels were drawn at random within
// strata: out[k][c] is the mean of candidate c in the k-th draw. The candidates first[c] and
// second[c] are different values of the same rows and are relabelled alike. It is nil if no
// stratum holds both arms.
func StratifiedNull(first, second [][]float64, strataFirst, strataSecond []uint64, draws int, seed uint64) [][]float64 {
	strata := pool(strataFirst, strataSecond)
	weight := 0.0
	for _, s := range strata {
		n, m := float64(s.first), float64(len(s.rows)-s.first)
		weight += n * m / (n + m)
	}
	if weight == 0 {
		return nil
	}
	centred := make([][]float64, len(first))
	for c := range centred {
		centred[c] = slices.Concat(first[c], second[c])
		for _, s := range strata {
			mean := 0.0
			for _, i := range s.rows {
				mean += centred[c][i] / float64(len(s.rows))
			}
			for _, i := range s.rows {
				centred[c][i] -= mean
			}
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0x72656c6162656c))
	out := make([][]float64, draws)
	for k := range out {
		out[k] = make([]float64, len(centred))
		for _, s := range strata {
			for i := range s.first {
				j := i + rng.IntN(len(s.rows)-i)
				s.rows[i], s.rows[j] = s.rows[j], s.rows[i]
				for c := range centred {
					out[k][c] += centred[c][s.rows[i]] / weight
				}
			}
		}
	}
	return out
}

// places is a stratum by the places of its rows in both arms, laid end to end; the first arm's stand first.
type places struct {
	first int
	rows  []int
}

// pool returns the strata that hold both arms, in the order of their first rows.
func pool(strataFirst, strataSecond []uint64) []*places {
	index := map[uint64]*places{}
	var all []*places
	for i, k := range strataFirst {
		s := index[k]
		if s == nil {
			s = new(places)
			index[k] = s
			all = append(all, s)
		}
		s.first++
		s.rows = append(s.rows, i)
	}
	for i, k := range strataSecond {
		if s := index[k]; s != nil {
			s.rows = append(s.rows, len(strataFirst)+i)
		}
	}
	return slices.DeleteFunc(all, func(s *places) bool { return s.first == len(s.rows) })
}

// NormalSurvival returns the one-sided p-value of a standard normal statistic.
func NormalSurvival(z float64) float64 { return distuv.UnitNormal.Survival(z) }
