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

	// Clusters is the number of units of the test, of both arms together: clusters within one arm,
	// or rows if none depend on each other.
	Clusters  int
	SmallestP float64 // 1 over the number of labellings, in [0, 1]: no p-value of this design is below it; 0 if < 10⁻³⁰⁷
}

// manyStrata is the smallest number of strata for which the standard error is the plain one between
// strata. With fewer strata the jackknife is used, which is not too small if weights are unequal.
const manyStrata = 20

// CompareStratified compares the values of two arms whose rows come in strata, such as rows by
// prompt. strataFirst and strataSecond hold the stratum of each row. Strata that hold one arm only
// are left out. level must be in [0, 1], and draws >= 0.
//
// Mean is the weighted mean of the strata's differences of means; a stratum with n and m rows has
// the weight nm/(n+m) (Cochran 1954). Without a common stratum Mean and SE are NaN, the interval is
// infinite and the p-value is 1.
//
// The test draws random labellings of the rows within strata from seed. Null: the arms' labels are
// exchangeable within each stratum. Alternative: the first arm's values are larger. The unit is the
// row; [CompareClustered] serves rows that depend on each other. Ties follow [Tail]. The floor of
// the p-value is 1/(draws+1). The order of the rows decides which draw moves which row, so it
// changes the p-value within the error of the draws: sort the rows by their ID if their order must
// not matter.
//
// The interval has the given level. Its unit is the stratum, so it is valid if rows of a stratum
// depend on each other. From 20 strata on, the standard error is that between strata and the
// interval Student's t with one degree of freedom less than there are strata. With 2 to 19 strata
// the standard error is that of the jackknife over strata (Efron & Stein 1981, which is biased
// upwards), and the degrees of freedom are those of the effective number of strata, (Σw)²/Σw² for
// weights w (Kish 1965). With one stratum, such as rows without a prompt, the unit is the row; the
// variances of the arms may differ, and the degrees of freedom are one less than the rows of the
// smaller arm, which is conservative (Hsu 1938). If an arm has a single row there, SE is +Inf and
// the interval infinite; the p-value is valid.
func CompareStratified(first, second []float64, strataFirst, strataSecond []uint64, level float64, draws int, seed uint64) Comparison {
	return compare("CompareStratified", first, second, Units{Strata: strataFirst}, Units{Strata: strataSecond}, level, draws, seed)
}

// compare is CompareStratified and CompareClustered.
func compare(function string, first, second []float64, of, against Units, level float64, draws int, seed uint64) Comparison {
	of.need(function, len(first), "values", "first")
	against.need(function, len(second), "values", "second")
	needShare(function, "level", level)
	needDraws(function, draws)
	strata := commonStrata(of.Strata, against.Strata)
	if len(strata) == 0 {
		return Comparison{Mean: math.NaN(), SE: math.NaN(), Low: math.Inf(-1), High: math.Inf(1), P: PValue{P: 1, Floor: 1}, SmallestP: 1}
	}
	slices.SortFunc(strata, func(a, b stratum) int { return cmp.Compare(a.key, b.key) })
	blocks := joinStrata(strata, of, against)
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
	if len(blocks) == 1 {
		c.SE, c.DF = blocks[0].withinBlock(values, strata)
	} else {
		c.SE, c.DF = betweenStrata(pool(summaries, blocks), c.Mean, weight)
	}
	quantile := TwoSided(level, c.DF)
	c.Low, c.High = c.Mean-quantile*c.SE, c.Mean+quantile*c.SE
	c.P = relabellingTest(values, blocks, sum, draws, seed)
	c.Clusters, c.SmallestP = labellings(blocks)
	return c
}

// StratifiedNull returns the permutation distribution of the mean of [CompareStratified]: out[k][c]
// is the mean of candidate c in random labelling k, drawn from seed. Null: the arms' labels are
// exchangeable within each stratum. The unit is the row. first[c] and second[c] hold the values of
// candidate c for the rows of both arms. All candidates share each labelling, so the rows of out
// keep the dependence between candidates. The result is nil if no stratum holds both arms. draws
// must be >= 0.
func StratifiedNull(first, second [][]float64, strataFirst, strataSecond []uint64, draws int, seed uint64) [][]float64 {
	return null("StratifiedNull", first, second, Units{Strata: strataFirst}, Units{Strata: strataSecond}, draws, seed)
}

// null is StratifiedNull and ClusteredNull.
func null(function string, first, second [][]float64, of, against Units, draws int, seed uint64) [][]float64 {
	needLengths(function, len(first), "candidates of the first arm", len(second), "of the second arm")
	for c := range first {
		of.need(function, len(first[c]), "values", "first")
		against.need(function, len(second[c]), "values", "second")
	}
	needDraws(function, draws)
	strata := commonStrata(of.Strata, against.Strata)
	if len(strata) == 0 {
		return nil
	}
	weight := 0.0
	for _, s := range strata {
		weight += s.weight()
	}
	blocks := joinStrata(strata, of, against)
	var units [][]int
	relabelled := make([]Block[int], len(blocks)) // of indices into units
	for k, b := range blocks {
		relabelled[k].Labelled = b.first
		for _, rows := range b.units {
			relabelled[k].Units = append(relabelled[k].Units, len(units))
			units = append(units, rows)
		}
	}
	sums := make([][]float64, len(first)) // [candidate][unit]
	for c := range sums {
		values := slices.Concat(first[c], second[c])
		centre(values, strata)
		sums[c] = make([]float64, len(units))
		for u, rows := range units {
			sums[c][u] = sumOf(values, rows)
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0x72656c6162656c))
	out := make([][]float64, draws)
	for k := range out {
		out[k] = make([]float64, len(sums))
		for _, b := range relabelled {
			b.Relabel(rng)
			for _, u := range b.Units[:b.Labelled] {
				for c := range sums {
					out[k][c] += sums[c][u] / weight
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
type summary struct{ weight, difference float64 }

func summarise(values []float64, s stratum) summary {
	var sums [2]float64
	for k, i := range s.rows {
		if k < s.first {
			sums[0] += values[i]
		} else {
			sums[1] += values[i]
		}
	}
	return summary{s.weight(), sums[0]/float64(s.first) - sums[1]/float64(len(s.rows)-s.first)}
}

// withinStratum returns the standard error of the difference of the arms' means in one stratum, and
// the degrees of freedom of its estimate.
func withinStratum(values []float64, s stratum) (se, df float64) {
	var x [2][]float64
	for k, i := range s.rows {
		arm := 0
		if k >= s.first {
			arm = 1
		}
		x[arm] = append(x[arm], values[i])
	}
	if len(x[0]) < 2 || len(x[1]) < 2 {
		return math.Inf(1), 0
	}
	var variance float64
	for _, arm := range x {
		_, v := meanVariance(arm)
		variance += v / float64(len(arm))
	}
	return math.Sqrt(variance), float64(min(len(x[0]), len(x[1])) - 1)
}

// meanVariance returns the mean and the unbiased variance of at least two values.
func meanVariance(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / float64(len(x)-1)
}

// betweenStrata returns the standard error of the weighted mean of the differences of at least two
// strata, and the degrees of freedom of its estimate.
func betweenStrata(summaries []summary, mean, weight float64) (se, df float64) {
	if len(summaries) < manyStrata {
		return jackknife(summaries, mean, weight)
	}
	n := float64(len(summaries))
	var variance float64
	for _, s := range summaries {
		d := s.weight * (s.difference - mean)
		variance += d * d
	}
	return math.Sqrt(variance*n/(n-1)) / weight, n - 1
}

// jackknife returns the standard error from the means without one stratum each. The degrees of
// freedom are one less than the effective number of strata, at least 1.
func jackknife(summaries []summary, mean, weight float64) (se, df float64) {
	n := float64(len(summaries))
	var variance, squares float64
	for _, s := range summaries {
		without := (mean*weight - s.weight*s.difference) / (weight - s.weight)
		variance += (without - mean) * (without - mean)
		squares += s.weight * s.weight
	}
	return math.Sqrt(variance * (n - 1) / n), max(1, weight*weight/squares-1)
}

// relabellingTest compares the observed sum of the first arm's centred values with that of random
// labellings. values are centred by stratum.
func relabellingTest(values []float64, blocks []block, observed float64, draws int, seed uint64) PValue {
	rng := rand.New(rand.NewPCG(seed, 0x7065726d757465))
	relabelled, signs, scale := make([]Block[float64], len(blocks)), make([]float64, len(blocks)), 0.0
	for k, b := range blocks {
		// The values of a block sum to 0, so the sum of the smaller arm decides.
		second := len(b.units) - b.first
		relabelled[k], signs[k] = Block[float64]{Labelled: min(b.first, second)}, 1
		if b.first > second {
			signs[k] = -1
		}
		for _, rows := range b.units {
			relabelled[k].Units = append(relabelled[k].Units, sumOf(values, rows))
			for _, i := range rows {
				scale += math.Abs(values[i])
			}
		}
	}
	tail := NewTail(observed, scale)
	for range draws {
		sum := 0.0
		for k, b := range relabelled {
			b.Relabel(rng)
			for _, v := range b.Units[:b.Labelled] {
				sum += signs[k] * v
			}
		}
		tail.Add(sum)
	}
	return tail.MonteCarlo()
}
