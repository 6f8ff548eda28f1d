package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func keys(k ...uint64) []uint64 { return k }

// Strata 1 and 2 hold both arms, with the weights 2·1/3 and 1·4/5; 3 and 4 hold one arm each.
var (
	handFirst        = []float64{3, 5, 10, 99}
	handSecond       = []float64{2, 7, 8, 5, 6, -99}
	handStrataFirst  = keys(1, 1, 2, 3)
	handStrataSecond = keys(1, 2, 2, 2, 2, 4)
)

func TestCompareStratifiedByHand(t *testing.T) {
	c := CompareStratified(handFirst, handSecond, handStrataFirst, handStrataSecond, 0.9, 99, 1)
	// Differences 4 − 2 and 10 − 6.5.
	weight1, weight2 := 2.0/3, 4.0/5
	mean := (weight1*2 + weight2*3.5) / (weight1 + weight2)
	// Without a stratum the mean is the difference of the other one.
	se := math.Sqrt(((3.5-mean)*(3.5-mean) + (2-mean)*(2-mean)) / 2)
	const t95 = 6.313751514675043 // quantile .95 of one degree of freedom
	if math.Abs(c.Mean-mean) > 1e-12 || math.Abs(c.SE-se) > 1e-12 {
		t.Errorf("mean %v ± %v, want %v ± %v", c.Mean, c.SE, mean, se)
	}
	if math.Abs(c.Low-(mean-t95*se)) > 1e-9 || math.Abs(c.High-(mean+t95*se)) > 1e-9 {
		t.Errorf("interval %v to %v, want %v ± %v", c.Low, c.High, mean, t95*se)
	}
	if c.Strata != 2 || c.First != 3 || c.Second != 5 {
		t.Errorf("%d strata of %d and %d rows, want 2 of 3 and 5", c.Strata, c.First, c.Second)
	}
}

func TestCompareStratifiedWithoutCommonStratum(t *testing.T) {
	for _, c := range []Comparison{
		CompareStratified([]float64{1}, []float64{2}, keys(1), keys(2), 0.95, 99, 1),
		CompareStratified(nil, nil, nil, nil, 0.95, 99, 1),
		CompareStratified(nil, []float64{2}, nil, keys(2), 0.95, 99, 1),
	} {
		if !math.IsNaN(c.Mean) || !math.IsNaN(c.SE) || !math.IsInf(c.Low, -1) || !math.IsInf(c.High, 1) {
			t.Errorf("estimate %+v, want NaN and an infinite interval", c)
		}
		if c.P != (PValue{P: 1, Floor: 1}) || c.Strata != 0 || c.First != 0 || c.Second != 0 {
			t.Errorf("p-value %+v of %d strata, want 1 of none", c.P, c.Strata)
		}
	}
}

// wide returns n strata whose arms have one and two rows, and one stratum of the first arm alone.
func wide(rng *rand.Rand, n int) (first, second []float64, strataFirst, strataSecond []uint64) {
	first, strataFirst = []float64{1000}, keys(1)
	for range n {
		key, level := rng.Uint64(), rng.NormFloat64()
		first, strataFirst = append(first, level+rng.NormFloat64()), append(strataFirst, key)
		second, strataSecond = append(second, level+rng.NormFloat64(), level+rng.NormFloat64()), append(strataSecond, key, key)
	}
	return first, second, strataFirst, strataSecond
}

// The standard error is that between strata, with Student's t of one degree of freedom less. With
// equal weights the jackknife of less than 20 strata is the same. Strata of one arm do not count.
func TestCompareStratifiedAtManyStrata(t *testing.T) {
	for _, n := range []int{2, 19, 20, 21, 60} {
		first, second, strataFirst, strataSecond := wide(rand.New(rand.NewPCG(1, uint64(n))), n)
		c := CompareStratified(first, second, strataFirst, strataSecond, 0.95, 0, 0)
		var mean, between float64
		d := make([]float64, n)
		for k := range d {
			a, b := second[2*k], second[2*k+1]
			d[k] = first[k+1] - (a+b)/2
			mean += d[k] / float64(n)
		}
		for _, v := range d {
			between += (v - mean) * (v - mean) / float64(n-1)
		}
		se, quantile := math.Sqrt(between/float64(n)), distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(0.975)
		if math.Abs(c.Mean-mean) > 1e-9 || math.Abs(c.SE/se-1) > 1e-9 {
			t.Errorf("%d strata: %v ± %v, want %v ± %v", n, c.Mean, c.SE, mean, se)
		}
		if math.Abs((c.High-c.Low)/2/(quantile*se)-1) > 1e-9 || math.Abs((c.High+c.Low)/2-mean) > 1e-9 {
			t.Errorf("%d strata: interval %v to %v, want %v ± %v", n, c.Low, c.High, mean, quantile*se)
		}
	}
}

// The standard error between strata weighs unequal strata by their squared weights.
func TestCompareStratifiedBetweenUnequalStrata(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	var first, second []float64
	var strataFirst, strataSecond []uint64
	var weights, differences []float64
	for k := range uint64(25) {
		n, m := 1+rng.IntN(4), 1+rng.IntN(4)
		var a, b float64
		for range n {
			x := rng.NormFloat64()
			a += x / float64(n)
			first, strataFirst = append(first, x), append(strataFirst, k)
		}
		for range m {
			x := rng.NormFloat64()
			b += x / float64(m)
			second, strataSecond = append(second, x), append(strataSecond, k)
		}
		weights, differences = append(weights, float64(n*m)/float64(n+m)), append(differences, a-b)
	}
	var sum, total, squares float64
	for k, w := range weights {
		sum, total = sum+w*differences[k], total+w
	}
	for k, w := range weights {
		squares += w * w * (differences[k] - sum/total) * (differences[k] - sum/total)
	}
	c := CompareStratified(first, second, strataFirst, strataSecond, 0.95, 0, 0)
	if want := math.Sqrt(squares*25/24) / total; math.Abs(c.SE-want) > 1e-12 || math.Abs(c.Mean-sum/total) > 1e-12 {
		t.Errorf("%v ± %v, want %v ± %v", c.Mean, c.SE, sum/total, want)
	}
}

// allLabellings returns the exact p-value: the share of all labellings within strata whose weighted
// difference of means is at least the observed one.
func allLabellings(first, second []float64, strataFirst, strataSecond []uint64) float64 {
	type group struct {
		values []float64
		first  int
	}
	groups := map[uint64]*group{}
	var order []*group
	for arm, strata := range [][]uint64{strataFirst, strataSecond} {
		for i, key := range strata {
			g := groups[key]
			if g == nil {
				g = &group{}
				groups[key] = g
				order = append(order, g)
			}
			g.values = append(g.values, [][]float64{first, second}[arm][i])
			if arm == 0 {
				g.first++
			}
		}
	}
	order = slices.DeleteFunc(order, func(g *group) bool { return g.first == 0 || g.first == len(g.values) })
	// The statistic is the sum over strata of weight × difference of means.
	statistic := func(g *group, labels uint) float64 {
		n, m := float64(g.first), float64(len(g.values)-g.first)
		var a, b float64
		for i, v := range g.values {
			if labels>>i&1 == 1 {
				a += v / n
			} else {
				b += v / m
			}
		}
		return n * m / (n + m) * (a - b)
	}
	observed := 0.0
	for _, g := range order {
		observed += statistic(g, 1<<g.first-1)
	}
	atLeast, all := 0, 0
	var visit func(k int, sum float64)
	visit = func(k int, sum float64) {
		if k == len(order) {
			all++
			if sum >= observed-1e-9 {
				atLeast++
			}
			return
		}
		for labels := range uint(1) << len(order[k].values) {
			if ones(labels) == order[k].first {
				visit(k+1, sum+statistic(order[k], labels))
			}
		}
	}
	visit(0, 0)
	return float64(atLeast) / float64(all)
}

func ones(labels uint) (n int) {
	for ; labels > 0; labels >>= 1 {
		n += int(labels & 1)
	}
	return n
}

// Random labellings estimate the share of all labellings, whichever arm is smaller, with ties and
// without.
func TestCompareStratifiedAgreesWithExact(t *testing.T) {
	const draws = 40_000
	for _, c := range []struct {
		reason                    string
		first, second             []float64
		strataFirst, strataSecond []uint64
	}{
		{"the first arm is smaller", []float64{5, 1}, []float64{1, 2, 3, 4}, keys(1, 2), keys(1, 1, 2, 2)},
		{"the first arm is larger", []float64{5, 1, 2, 3}, []float64{4, 1.5}, keys(1, 1, 2, 2), keys(1, 2)},
		{"one arm is larger here and smaller there", []float64{5, 4, 6, 1}, []float64{3, 2, 0.5, 0}, keys(1, 1, 1, 2), keys(1, 2, 2, 2)},
		{"equal arms", []float64{3, 1, 4}, []float64{1, 5, 2}, keys(1, 1, 1), keys(1, 1, 1)},
		{"many ties", []float64{1, 1, 0, 1}, []float64{0, 1, 0, 0}, keys(1, 1, 1, 1), keys(1, 1, 1, 1)},
		{"ties within strata of other levels", []float64{10, 20, 20}, []float64{10, 9, 20, 21}, keys(1, 2, 2), keys(1, 1, 2, 2)},
		{"a shift to the other side", []float64{0, 1}, []float64{5, 6}, keys(1, 2), keys(1, 2)},
		{"one pair", []float64{2}, []float64{1}, keys(7), keys(7)},
		{"a large level does not hide a difference", []float64{1e7 + 1, 3}, []float64{1e7, 1e7, 2}, keys(1, 2), keys(1, 1, 2)},
		{"by hand", handFirst, handSecond, handStrataFirst, handStrataSecond},
	} {
		exact := allLabellings(c.first, c.second, c.strataFirst, c.strataSecond)
		got := CompareStratified(c.first, c.second, c.strataFirst, c.strataSecond, 0.95, draws, 3).P
		if math.Abs(got.P-exact) > 4*standardError(exact, draws)+1.0/draws {
			t.Errorf("%s: p = %v from random labellings, %v from all", c.reason, got.P, exact)
		}
		if got.Floor != 1.0/(draws+1) || got.Exact {
			t.Errorf("%s: %+v, want the floor 1/(draws+1)", c.reason, got)
		}
	}
}

func TestCompareStratifiedTies(t *testing.T) {
	// Values that are equal within strata: every labelling ties.
	first, second := []float64{1, 1, 5}, []float64{1, 5, 5}
	c := CompareStratified(first, second, keys(1, 1, 2), keys(1, 2, 2), 0.95, 99, 1)
	if c.P.P != 1 || c.Mean != 0 || c.SE != 0 {
		t.Errorf("equal values: %+v, want p = 1 and no difference", c)
	}
	// 0.1 + 0.2 and 0.3 differ by rounding: a labelling that exchanges them ties.
	c = CompareStratified([]float64{0.1 + 0.2}, []float64{0.3}, keys(1), keys(1), 0.95, 99, 1)
	if c.P.P != 1 {
		t.Errorf("a difference of rounding: p = %v, want 1", c.P.P)
	}
}

// A value that is not a number must never count as evidence.
func TestCompareStratifiedOfNaN(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		c := CompareStratified([]float64{bad, 2, 3}, []float64{1, 1, 1}, keys(1, 2, 3), keys(1, 2, 3), 0.95, 99, 1)
		if c.P.P != 1 {
			t.Errorf("%v among the values: p = %v, want 1", bad, c.P.P)
		}
	}
}

func TestCompareStratifiedWithoutDraws(t *testing.T) {
	c := CompareStratified([]float64{9}, []float64{1}, keys(1), keys(1), 0.95, 0, 1)
	if c.P != (PValue{P: 1, Floor: 1}) || c.Mean != 8 {
		t.Errorf("%+v, want p = 1 and the mean 8", c)
	}
}

func TestCompareStratifiedLeavesItsInputAlone(t *testing.T) {
	first, second := slices.Clone(handFirst), slices.Clone(handSecond)
	strataFirst, strataSecond := slices.Clone(handStrataFirst), slices.Clone(handStrataSecond)
	CompareStratified(first, second, strataFirst, strataSecond, 0.95, 99, 1)
	StratifiedNull([][]float64{first}, [][]float64{second}, strataFirst, strataSecond, 3, 1)
	if !slices.Equal(first, handFirst) || !slices.Equal(second, handSecond) ||
		!slices.Equal(strataFirst, handStrataFirst) || !slices.Equal(strataSecond, handStrataSecond) {
		t.Error("an argument was changed")
	}
}

// The order of the rows and the names of the strata change no estimate.
func TestCompareStratifiedIgnoresTheOrder(t *testing.T) {
	first, second, strataFirst, strataSecond := wide(rand.New(rand.NewPCG(3, 3)), 30)
	want := CompareStratified(first, second, strataFirst, strataSecond, 0.95, 0, 0)
	for i := range strataFirst {
		strataFirst[i] = ^strataFirst[i]
	}
	for i := range strataSecond {
		strataSecond[i] = ^strataSecond[i]
	}
	slices.Reverse(first)
	slices.Reverse(strataFirst)
	got := CompareStratified(first, second, strataFirst, strataSecond, 0.95, 0, 0)
	if math.Abs(got.Mean-want.Mean) > 1e-12 || math.Abs(got.SE-want.SE) > 1e-12 || got.First != want.First {
		t.Errorf("%+v after reordering, want %+v", got, want)
	}
}

// Exchanging the arms turns the estimate around, and the test to the other side.
func TestCompareStratifiedIsOneSided(t *testing.T) {
	first, second, strataFirst, strataSecond := wide(rand.New(rand.NewPCG(4, 4)), 10)
	for i := range first {
		first[i] += 3
	}
	one := CompareStratified(first, second, strataFirst, strataSecond, 0.95, 999, 1)
	other := CompareStratified(second, first, strataSecond, strataFirst, 0.95, 999, 1)
	if math.Abs(one.Mean+other.Mean) > 1e-12 || math.Abs(one.SE-other.SE) > 1e-12 || math.Abs(one.Low+other.High) > 1e-9 {
		t.Errorf("%+v, and with the arms exchanged %+v", one, other)
	}
	if one.P.P > 0.01 || other.P.P < 0.99 {
		t.Errorf("p = %v for a shift upwards, %v downwards", one.P.P, other.P.P)
	}
	if one.First != other.Second || one.Second != other.First {
		t.Errorf("%d and %d rows, exchanged %d and %d", one.First, one.Second, other.First, other.Second)
	}
}

// Under the null the p-value is uniform and the interval covers, with strata of different levels
// and with arms of different sizes.
func TestCompareStratifiedUnderTheNull(t *testing.T) {
	const runs = 600
	for _, design := range []struct {
		strata, first, second int
	}{{1, 40, 60}, {1, 2, 6}, {2, 3, 3}, {5, 1, 1}, {10, 1, 5}, {19, 1, 1}, {60, 1, 1}, {30, 2, 5}, {30, 4, 1}} {
		rng := rand.New(rand.NewPCG(3, uint64(design.strata)))
		small, covered := 0, 0
		for run := range runs {
			var x, y []float64
			var sx, sy []uint64
			for s := range design.strata {
				level := 3 * rng.NormFloat64()
				for range design.first {
					x, sx = append(x, level+rng.NormFloat64()), append(sx, uint64(s))
				}
				for range design.second {
					y, sy = append(y, level+rng.NormFloat64()), append(sy, uint64(s))
				}
			}
			c := CompareStratified(x, y, sx, sy, 0.95, 99, uint64(run))
			if c.P.P <= 0.05 {
				small++
			}
			if c.Low <= 0 && c.High >= 0 {
				covered++
			}
		}
		if got := float64(small) / runs; math.Abs(got-0.05) > 3*standardError(0.05, runs) {
			t.Errorf("%+v: P(p ≤ .05) = %v under the null", design, got)
		}
		if got := float64(covered) / runs; got < 0.95-0.022 {
			t.Errorf("%+v: the 95 %% interval covers in %v of runs", design, got)
		}
	}
}

// TestFewUnequalStrata: with few strata of unequal size, whose rows depend on each other, the 95 %
// interval covers the true mean as often as it says.
func TestFewUnequalStrata(t *testing.T) {
	const runs = 2000
	for _, sizes := range [][]int{{1, 1, 8}, {1, 2, 3, 10}, {1, 1, 1, 1, 5, 5}, {1, 1, 1, 1, 1, 1, 1, 1, 20, 20}} {
		rng := rand.New(rand.NewPCG(4, uint64(len(sizes))))
		covered := 0
		for range runs {
			var x, y []float64
			var sx, sy []uint64
			for s, n := range sizes {
				shared := rng.NormFloat64() // of all rows of the first arm in the stratum
				for range n {
					x, sx = append(x, shared+0.3*rng.NormFloat64()), append(sx, uint64(s))
					y, sy = append(y, 0.3*rng.NormFloat64()), append(sy, uint64(s))
				}
			}
			if c := CompareStratified(x, y, sx, sy, 0.95, 0, 0); c.Low <= 0 && c.High >= 0 {
				covered++
			}
		}
		got := float64(covered) / runs
		t.Logf("strata of %v rows: the 95 %% interval covers in %.3f of runs", sizes, got)
		if got < 0.95-3*standardError(0.05, runs) {
			t.Errorf("strata of %v rows: the 95 %% interval covers in %.3f of runs", sizes, got)
		}
	}
}

// One stratum with two rows of an arm has Welch's standard error, √(s₁²/n₁ + s₂²/n₂) with variances
// 2 and 1, and one degree of freedom. A large level of the values does not change it.
func TestOneStratumOfTwoRows(t *testing.T) {
	two, three := []float64{1e8 + 1, 1e8 + 3}, []float64{1e8, 1e8 + 1, 1e8 + 2}
	for _, c := range []Comparison{
		CompareStratified(two, three, keys(1, 1), keys(1, 1, 1), 0.95, 0, 1),
		CompareStratified(three, two, keys(1, 1, 1), keys(1, 1), 0.95, 0, 1),
	} {
		if want := math.Sqrt(2.0/2 + 1.0/3); math.Abs(c.SE-want) > 1e-6 || c.DF != 1 {
			t.Errorf("standard error %v with %v degrees of freedom, want %v with 1", c.SE, c.DF, want)
		}
	}
	if mean, variance := meanVariance([]float64{1e8 + 0.1, 1e8 + 0.2, 1e8 + 0.4}); math.Abs(mean-1e8-0.7/3) > 1e-6 || math.Abs(variance-0.07/3) > 1e-6 {
		t.Errorf("mean %v, variance %v, want 10⁸ + 0.2333 and 0.0233", mean, variance)
	}
}

// One stratum with a single row of an arm has a p-value and no interval.
func TestOneStratumOfSingleRows(t *testing.T) {
	c := CompareStratified([]float64{3}, []float64{1, 2, 4}, keys(1), keys(1, 1, 1), 0.95, 999, 1)
	if !math.IsInf(c.SE, 1) || !math.IsInf(c.Low, -1) || !math.IsInf(c.High, 1) || c.P.P < 0.3 || c.P.P > 0.7 {
		t.Errorf("%+v, want no standard error and a p-value of about 1/2", c)
	}
}

// A shift of three standard errors is found as often as theory says.
func TestCompareStratifiedPower(t *testing.T) {
	const runs, n = 500, 100
	rng := rand.New(rand.NewPCG(4, 4))
	found := 0
	for run := range runs {
		x, y := noise(rng, n, 3*math.Sqrt(2.0/n), normal), noise(rng, n, 0, normal)
		if CompareStratified(x, y, make([]uint64, n), make([]uint64, n), 0.95, 199, uint64(run)).P.P <= 0.05 {
			found++
		}
	}
	// P(z > 1.645 − 3) = .912
	if got := float64(found) / runs; math.Abs(got-0.912) > 0.04 {
		t.Errorf("power %v, want about .912", got)
	}
}

// Each value of the permutation distribution is the mean that CompareStratified gives for one
// labelling. Within each stratum all labellings are equally likely.
func TestStratifiedNullByHand(t *testing.T) {
	// Stratum 1: one of three rows has the first label. Stratum 2: one of two.
	const draws = 12_000
	out := StratifiedNull([][]float64{{1, 10}, {0, 0}}, [][]float64{{2, 4, 10.5}, {1, 0, 0}}, keys(1, 2), keys(1, 1, 2), draws, 5)
	weight1, weight2 := 2.0/3, 1.0/2
	counts := map[string]int{}
	for _, draw := range out {
		found := false
		for i, first := range []float64{1, 2, 4} {
			rest := (7 - first) / 2
			for j, difference := range []float64{-0.5, 0.5} {
				mean := (weight1*(first-rest) + weight2*difference) / (weight1 + weight2)
				if math.Abs(draw[0]-mean) < 1e-12 {
					found = true
					counts[string([]byte{'a' + byte(i), 'a' + byte(j)})]++
					// Candidate 1 is 1 for the row of value 2 alone, and shares the labelling.
					want := weight1 * -0.5 / (weight1 + weight2)
					if first == 2 {
						want = weight1 * 1 / (weight1 + weight2)
					}
					if math.Abs(draw[1]-want) > 1e-12 {
						t.Fatalf("candidate 1 has %v where candidate 0 has %v, want %v", draw[1], draw[0], want)
					}
				}
			}
		}
		if !found {
			t.Fatalf("%v is the mean of no labelling", draw[0])
		}
	}
	uniform(t, "labellings", counts, 6, draws)
}

// The permutation distribution has the spread that the standard error of CompareStratified states.
func TestStratifiedNullSpread(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n, draws = 120, 2000
	var first, second, strataFirst, strataSecond = []float64{}, []float64{}, []uint64{}, []uint64{}
	for i := range n {
		level := 5 * float64(i/3%7)
		first, second = append(first, level+rng.NormFloat64()), append(second, level+rng.NormFloat64())
		strataFirst, strataSecond = append(strataFirst, uint64(i/3)), append(strataSecond, uint64(i/3))
	}
	strataFirst[0] = 999 // a stratum of one arm
	c := CompareStratified(first, second, strataFirst, strataSecond, 0.95, 0, 0)
	var squares, mean float64
	for _, draw := range StratifiedNull([][]float64{first}, [][]float64{second}, strataFirst, strataSecond, draws, 3) {
		mean += draw[0] / draws
		squares += draw[0] * draw[0] / draws
	}
	if sd := math.Sqrt(squares); math.Abs(sd/c.SE-1) > 0.15 || math.Abs(mean) > 3*sd/math.Sqrt(draws) {
		t.Errorf("draws of mean %v and SD %v, the standard error is %v", mean, sd, c.SE)
	}
}

func TestStratifiedNullWithoutCommonStratum(t *testing.T) {
	if out := StratifiedNull([][]float64{{1}}, [][]float64{{2}}, keys(1), keys(2), 10, 1); out != nil {
		t.Errorf("%v, want nil", out)
	}
}
