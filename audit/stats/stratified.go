package stats

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Comparison is the outcome of a comparison of two arms within strata.
type Comparison struct {
	Mean      float64 // first arm less second, weighted over strata
	SE        float64 // standard error of Mean
	DF        float64 // degrees of freedom of Student's t; 0: normal
	Low, High float64 // normal interval around Mean, Student's t with many strata
	P         PValue  // one-sided; alternative: the first arm's values are larger
	Strata    int     // that hold both arms
	First     int     // rows of the first arm in these strata
	Second    int     // rows of the second arm in these strata
}

// manyStrata is the number of strata from which on the standard error is that
// between strata, robust against what rows of a stratum have in common.
const manyStrata = 20

// CompareStratified compares values of two arms that come in strata, such as rows by prompt. Strata
// that hold one arm only say nothing and are left out. A stratum with n and m rows
// has the weight nm/(n+m) (Cochran 1954). The test permutes the arms' labels
// within strata. Null: there the labels are exchangeable. P = (k+1)/(draws+1)
// (Phipson & Smyth 2010). The interval has the given level.
func CompareStratified(first, second []float64, strataFirst, strataSecond []uint64, level float64, draws int, seed uint64) Comparison {
	groups := gather(first, second, strataFirst, strataSecond)
	var c Comparison
	var weight, sum, within float64
	for i := range groups {
		g := &groups[i]
		c.Strata++
		c.First += g.first
		c.Second += len(g.x) - g.first
		g.weigh()
		weight += g.weight
		sum += g.weight * g.difference
		within += g.weight * g.weight * g.variance
	}
	if weight == 0 {
		return Comparison{Mean: math.NaN(), SE: math.NaN(), Low: math.Inf(-1), High: math.Inf(1), P: PValue{P: 1, Floor: 1}}
	}
	c.Mean = sum / weight
	if c.Strata >= manyStrata {
		var between float64
		for _, g := range groups {
			d := g.weight * (g.difference - c.Mean)
			between += d * d
		}
		n := float64(c.Strata)
		within = between * n / (n - 1)
		c.DF = n - 1
	}
	c.SE = math.Sqrt(within) / weight
	z := TwoSided(level, c.DF)
	c.Low, c.High = c.Mean-z*c.SE, c.Mean+z*c.SE
	c.P = permute(groups, sum, draws, seed)
	return c
}

// stratum holds the values of both arms, centred by their common mean; the first arm's stand first.
type stratum struct {
	x                            []float64
	first                        int
	weight, difference, variance float64
}

// gather returns the strata that hold both arms, in the order of their keys.
func gather(first, second []float64, strataFirst, strataSecond []uint64) []stratum {
	index := map[uint64]*[2][]float64{}
	var keys []uint64
	for arm, values := range [][]float64{first, second} {
		for i, k := range [][]uint64{strataFirst, strataSecond}[arm] {
			if index[k] == nil {
				index[k] = new([2][]float64)
				keys = append(keys, k)
			}
			index[k][arm] = append(index[k][arm], values[i])
		}
	}
	slices.Sort(keys)
	var groups []stratum
	for _, k := range keys {
		a, b := index[k][0], index[k][1]
		if len(a) == 0 || len(b) == 0 {
			continue
		}
		x := slices.Concat(a, b)
		mean := 0.0
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for i := range x {
			x[i] -= mean
		}
		groups = append(groups, stratum{x: x, first: len(a)})
	}
	return groups
}

func (g *stratum) weigh() {
	a, b := g.x[:g.first], g.x[g.first:]
	n, m := float64(len(a)), float64(len(b))
	meanA, varA := meanVariance(a)
	meanB, varB := meanVariance(b)
	g.weight = n * m / (n + m)
	g.difference = meanA - meanB
	g.variance = varA/n + varB/m
}

// meanVariance returns the mean and the unbiased variance, 0 of a single value.
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

// permute returns the share of random labellings whose statistic, the sum of the
// first arm's centred values, is at least the observed one.
func permute(groups []stratum, observed float64, draws int, seed uint64) PValue {
	rng := rand.New(rand.NewPCG(seed, 0x7065726d757465))
	size := 0.0
	for _, g := range groups {
		for _, v := range g.x {
			size += math.Abs(v)
		}
	}
	tie := observed - 1e-9*size
	atLeast := 1
	for range draws {
		sum := 0.0
		for _, g := range groups {
			for i := range min(g.first, len(g.x)-g.first) { // the smaller arm decides: its sum is less the other's
				j := i + rng.IntN(len(g.x)-i)
				g.x[i], g.x[j] = g.x[j], g.x[i]
				if g.first <= len(g.x)-g.first {
					sum += g.x[i]
				} else {
					sum -= g.x[i]
				}
			}
		}
		if sum >= tie {
			atLeast++
		}
	}
	return PValue{P: float64(atLeast) / float64(draws+1), Floor: 1 / float64(draws+1)}
}

// PredictionTest returns the one-sided p-value of x as one more draw from where the siblings came from:
// Student's t prediction test. Null: x and the siblings are independent draws of
// one normal distribution. It is 1 with fewer than two siblings.
func PredictionTest(x float64, siblings []float64) float64 {
	n := float64(len(siblings))
	if n < 2 {
		return 1
	}
	mean, variance := meanVariance(siblings)
	t := (x - mean) / math.Sqrt(variance*(1+1/n))
	if math.IsNaN(t) {
		return 1
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Survival(t)
}
