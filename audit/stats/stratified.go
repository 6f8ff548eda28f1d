package stats

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Comparison is a comparison of two arms within strata.
type Comparison struct {
	Mean      float64 // first arm minus second arm, weighted over strata
	SE        float64 // standard error of Mean
	DF        float64 // degrees of freedom of the interval; 0: normal
	Low, High float64 // confidence interval of Mean
	P         PValue  // one-sided
	Strata    int     // strata that hold rows of both arms
	First     int     // rows of the first arm in these strata
	Second    int     // rows of the second arm in these strata
}

// manyStrata is the smallest number of strata for which the standard error comes from the spread
// between strata.
const manyStrata = 20

// CompareStratified compares the values of two arms whose rows come in strata, such as rows by
// prompt. strataFirst and strataSecond hold the stratum of each row. Strata that hold one arm only
// are left out. Mean is the weighted mean of the strata's differences of means; a stratum with n
// and m rows has the weight nm/(n+m) (Cochran 1954). Without a common stratum Mean and SE are NaN,
// the interval is infinite and the p-value is 1.
//
// The test draws random labellings of the rows within strata from seed. Null: the arms' labels are
// exchangeable within each stratum. Alternative: the first arm's values are larger. The unit is the
// row. Ties follow [Tail]. The floor of the p-value is 1/(draws+1).
//
// The interval has the given level. From 20 strata on its unit is the stratum: the standard error
// is that between strata, which is valid if rows of a stratum depend on each other, and the
// interval is Student's t with one degree of freedom less than there are strata. With fewer strata
// the unit is the row: the standard error adds the variances within strata and arms (0 for a single
// row), and the interval is normal, so it is too narrow for small strata.
func CompareStratified(first, second []float64, strataFirst, strataSecond []uint64, level float64, draws int, seed uint64) Comparison {
	strata := commonStrata(strataFirst, strataSecond)
	if len(strata) == 0 {
		return Comparison{Mean: math.NaN(), SE: math.NaN(), Low: math.Inf(-1), High: math.Inf(1), P: PValue{P: 1, Floor: 1}}
	}
	slices.SortFunc(strata, func(a, b stratum) int { return cmp.Compare(a.key, b.key) })
	values := slices.Concat(first, second)
	centre(values, strata)
	c := Comparison{Strata: len(strata)}
	summaries := make([]summary, len(strata))
	var weight, sum float64
	for k, s := range strata {
		c.First += s.first
		c.Second += len(s.rows) - s.first
		summaries[k] = summarise(values, s)
		weight += summaries[k].weight
		sum += summaries[k].weight * summaries[k].difference
	}
	c.Mean = sum / weight
	var variance float64
	variance, c.DF = spread(summaries, c.Mean)
	c.SE = math.Sqrt(variance) / weight
	quantile := TwoSided(level, c.DF)
	c.Low, c.High = c.Mean-quantile*c.SE, c.Mean+quantile*c.SE
	c.P = relabellingTest(values, strata, sum, draws, seed)
	return c
}

// StratifiedNull returns the permutation distribution of the mean of [CompareStratified]: out[k][c]
// is the mean of candidate c in random labelling k, drawn from seed. Null: the arms' labels are
// exchangeable within each stratum. The unit is the row. first[c] and second[c] hold the values of
// candidate c for the rows of both arms. All candidates share each labelling, so the rows of out
// keep the dependence between candidates. The result is nil if no stratum holds both arms.
func StratifiedNull(first, second [][]float64, strataFirst, strataSecond []uint64, draws int, seed uint64) [][]float64 {
	strata := commonStrata(strataFirst, strataSecond)
	if len(strata) == 0 {
		return nil
	}
	weight := 0.0
	blocks := make([]Block[int], len(strata))
	for k, s := range strata {
		weight += s.weight()
		blocks[k] = Block[int]{Units: s.rows, Labelled: s.first}
	}
	values := make([][]float64, len(first))
	for c := range values {
		values[c] = slices.Concat(first[c], second[c])
		centre(values[c], strata)
	}
	rng := rand.New(rand.NewPCG(seed, 0x72656c6162656c))
	out := make([][]float64, draws)
	for k := range out {
		out[k] = make([]float64, len(values))
		for _, b := range blocks {
			b.Relabel(rng)
			for _, row := range b.Units[:b.Labelled] {
				for c := range values {
					out[k][c] += values[c][row] / weight
				}
			}
		}
	}
	return out
}

// stratum holds the rows of both arms, with the arms laid end to end. The first arm's rows come
// first.
type stratum struct {
	key   uint64
	rows  []int
	first int // number of rows of the first arm
}

// commonStrata returns the strata that hold both arms, in the order of their first rows.
func commonStrata(strataFirst, strataSecond []uint64) []stratum {
	index := map[uint64]int{}
	var all []stratum
	for i, key := range strataFirst {
		k, ok := index[key]
		if !ok {
			k = len(all)
			index[key] = k
			all = append(all, stratum{key: key})
		}
		all[k].first++
		all[k].rows = append(all[k].rows, i)
	}
	for i, key := range strataSecond {
		if k, ok := index[key]; ok {
			all[k].rows = append(all[k].rows, len(strataFirst)+i)
		}
	}
	return slices.DeleteFunc(all, func(s stratum) bool { return s.first == len(s.rows) })
}

// weight returns nm/(n+m), the inverse of the variance of a difference of means up to a factor.
func (s stratum) weight() float64 {
	n, m := float64(s.first), float64(len(s.rows)-s.first)
	return n * m / (n + m)
}

// centre subtracts from each value the mean of its stratum over both arms.
func centre(values []float64, strata []stratum) {
	for _, s := range strata {
		mean := 0.0
		for _, i := range s.rows {
			mean += values[i] / float64(len(s.rows))
		}
		for _, i := range s.rows {
			values[i] -= mean
		}
	}
}

// summary is the comparison of the arms in one stratum.
type summary struct {
	weight, difference float64
	variance           float64 // of difference, from the spread within the arms
}

func summarise(values []float64, s stratum) summary {
	x := make([]float64, len(s.rows))
	for k, i := range s.rows {
		x[k] = values[i]
	}
	meanFirst, varFirst := meanVariance(x[:s.first])
	meanSecond, varSecond := meanVariance(x[s.first:])
	n, m := float64(s.first), float64(len(x)-s.first)
	return summary{weight: s.weight(), difference: meanFirst - meanSecond, variance: varFirst/n + varSecond/m}
}

// meanVariance returns the mean and the unbiased variance, which is 0 for a single value.
func meanVariance(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / max(1, float64(len(x)-1))
}

// spread returns the variance of the weighted sum of differences, and the degrees of freedom of its
// estimate: 0 if its distribution is taken to be normal.
func spread(summaries []summary, mean float64) (variance, df float64) {
	n := float64(len(summaries))
	if len(summaries) < manyStrata {
		for _, s := range summaries {
			variance += s.weight * s.weight * s.variance
		}
		return variance, 0
	}
	for _, s := range summaries {
		d := s.weight * (s.difference - mean)
		variance += d * d
	}
	return variance * n / (n - 1), n - 1
}

// relabellingTest compares the observed sum of the first arm's centred values with that of random
// labellings. values are centred by stratum.
func relabellingTest(values []float64, strata []stratum, observed float64, draws int, seed uint64) PValue {
	rng := rand.New(rand.NewPCG(seed, 0x7065726d757465))
	blocks, signs, scale := make([]Block[float64], len(strata)), make([]float64, len(strata)), 0.0
	for k, s := range strata {
		// The values of a stratum sum to 0, so the sum of the smaller arm decides.
		second := len(s.rows) - s.first
		blocks[k], signs[k] = Block[float64]{Labelled: min(s.first, second)}, 1
		if s.first > second {
			signs[k] = -1
		}
		for _, i := range s.rows {
			blocks[k].Units = append(blocks[k].Units, values[i])
			scale += math.Abs(values[i])
		}
	}
	tail := NewTail(observed, scale)
	for range draws {
		sum := 0.0
		for k, b := range blocks {
			b.Relabel(rng)
			for _, v := range b.Units[:b.Labelled] {
				sum += signs[k] * v
			}
		}
		tail.Add(sum)
	}
	return tail.MonteCarlo()
}
