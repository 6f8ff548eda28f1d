package stats

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// Clusters of one row change nothing, bit for bit.
func TestClustersOfOneRow(t *testing.T) {
	for _, n := range []int{1, 2, 30} {
		rng := rand.New(rand.NewPCG(5, uint64(n)))
		first, second, strataFirst, strataSecond := wide(rng, n)
		of, against := Units{Strata: strataFirst}, Units{Strata: strataSecond}
		for range first {
			of.Clusters = append(of.Clusters, rng.Uint64())
		}
		for range second {
			against.Clusters = append(against.Clusters, rng.Uint64())
		}
		want := CompareStratified(first, second, strataFirst, strataSecond, 0.95, 999, 3)
		if got := CompareClustered(first, second, of, against, 0.95, 999, 3); got != want {
			t.Errorf("%d strata: %+v, want %+v", n, got, want)
		}
		if want.Clusters != 3*n || math.Abs(want.SmallestP/math.Pow(3, -float64(n))-1) > 1e-9 {
			t.Errorf("%d strata: %d units, smallest p-value %v, want %d and 3⁻ⁿ", n, want.Clusters, want.SmallestP, 3*n)
		}
		null := StratifiedNull([][]float64{first}, [][]float64{second}, strataFirst, strataSecond, 9, 4)
		if got := ClusteredNull([][]float64{first}, [][]float64{second}, of, against, 9, 4); !reflect.DeepEqual(got, null) {
			t.Errorf("%d strata: null %v, want %v", n, got, null)
		}
	}
}

// In an arm without clusters each row is a unit. The keys of the other arm have no effect on it.
func TestClustersOfOneArm(t *testing.T) {
	first, second := []float64{3, 5, 1, 4}, []float64{1, 2, 6, 2}
	strata := keys(1, 1, 2, 2)
	clustered, single := keys(0, 0, 1, 1), keys(10, 11, 12, 13)
	for name, c := range map[string]struct{ of, against, wantOf, wantAgainst Units }{
		"first":  {Units{strata, clustered}, Units{strata, nil}, Units{strata, clustered}, Units{strata, single}},
		"second": {Units{strata, nil}, Units{strata, clustered}, Units{strata, single}, Units{strata, clustered}},
	} {
		got, want := CompareClustered(first, second, c.of, c.against, 0.95, 99, 1), CompareClustered(first, second, c.wantOf, c.wantAgainst, 0.95, 99, 1)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("only the %s arm has clusters: %+v, want %+v", name, got, want)
		}
		if got.Clusters != 6 {
			t.Errorf("only the %s arm has clusters: %d units, want 2 and 4", name, got.Clusters)
		}
	}
}

// allUnitLabellings returns the exact p-value of the sum of the first arm's values, which are sums
// of units: blocks[k] holds the units of a block, and the first firsts[k] of them are the first
// arm's.
func allUnitLabellings(blocks [][]float64, firsts []int) float64 {
	observed := 0.0
	for k, units := range blocks {
		for _, v := range units[:firsts[k]] {
			observed += v
		}
	}
	atLeast, all := 0, 0
	var visit func(k int, sum float64)
	visit = func(k int, sum float64) {
		if k == len(blocks) {
			all++
			if sum >= observed-1e-9 {
				atLeast++
			}
			return
		}
		for labels := range uint(1) << len(blocks[k]) {
			if ones(labels) != firsts[k] {
				continue
			}
			s := sum
			for u, v := range blocks[k] {
				if labels>>u&1 == 1 {
					s += v
				}
			}
			visit(k+1, s)
		}
	}
	visit(0, 0)
	return float64(atLeast) / float64(all)
}

// The test moves clusters as a whole, and clusters that span strata move in all of them.
func TestCompareClusteredAgreesWithExact(t *testing.T) {
	const draws = 40_000
	for _, c := range []struct {
		reason        string
		first, second []float64
		of, against   Units
		blocks        [][]float64 // sums of the units' differences from the means of their strata
		firsts        []int
		smallest      float64
	}{
		{
			"copies in one stratum", []float64{6, 6, 6, 2}, []float64{1, 0},
			Units{keys(1, 1, 1, 1), keys(11, 11, 11, 12)}, Units{keys(1, 1), keys(13, 14)},
			[][]float64{{3 * 2.5, -1.5, -2.5, -3.5}}, []int{2}, 1.0 / 6,
		},
		{
			"one key in both arms is a unit of each", []float64{4, 2}, []float64{4, 0, 0},
			Units{keys(1, 1), keys(11, 12)}, Units{keys(1, 1, 1), keys(11, 13, 13)},
			[][]float64{{2, 0, 2, -4}}, []int{2}, 1.0 / 6,
		},
		{
			// Means of the strata: 3, 2, 5.
			"a conversation joins two strata, and a third is apart", []float64{5, 3, 6}, []float64{1, 1, 4},
			Units{keys(1, 2, 3), keys(11, 11, 12)}, Units{keys(1, 2, 3), keys(13, 14, 15)},
			[][]float64{{3, -2, -1}, {1, -1}}, []int{1, 1}, 1.0 / 6,
		},
		{
			"a key in different arms joins strata", []float64{5, 3}, []float64{1, 1},
			Units{keys(1, 2), keys(11, 12)}, Units{keys(1, 2), keys(13, 11)},
			[][]float64{{2, 1, -2, -1}}, []int{2}, 1.0 / 6,
		},
		{
			"a chain of clusters", []float64{5, 3, 4}, []float64{1, 1, 2},
			Units{keys(1, 2, 3), keys(11, 11, 12)}, Units{keys(1, 2, 3), keys(13, 14, 14)},
			[][]float64{{3, 1, -2, -2}}, []int{2}, 1.0 / 6,
		},
	} {
		exact := allUnitLabellings(c.blocks, c.firsts)
		got := CompareClustered(c.first, c.second, c.of, c.against, 0.95, draws, 3)
		if math.Abs(got.P.P-exact) > 4*standardError(exact, draws)+1.0/draws {
			t.Errorf("%s: p = %v from random labellings, %v from all", c.reason, got.P.P, exact)
		}
		if math.Abs(got.SmallestP-c.smallest) > 1e-12 {
			t.Errorf("%s: smallest p-value %v, want %v", c.reason, got.SmallestP, c.smallest)
		}
		units := 0
		for _, b := range c.blocks {
			units += len(b)
		}
		if got.Clusters != units {
			t.Errorf("%s: %d clusters, want %d", c.reason, got.Clusters, units)
		}
		// The permutation distribution of the mean gives the same p-value.
		atLeast := 0
		for _, draw := range ClusteredNull([][]float64{c.first}, [][]float64{c.second}, c.of, c.against, draws, 5) {
			if draw[0] >= got.Mean-1e-9 {
				atLeast++
			}
		}
		if p := float64(atLeast) / draws; math.Abs(p-exact) > 4*standardError(exact, draws) {
			t.Errorf("%s: p = %v from the permutation distribution, %v from all", c.reason, p, exact)
		}
	}
}

// The interval of a mean of clusters in one stratum is that of the clusters' means.
func TestOneStratumOfClusters(t *testing.T) {
	// Two arms of three clusters with two rows each: means 1, 2, 6 and 0, 1, 2.
	first, second := []float64{0, 2, 2, 2, 5, 7}, []float64{0, 0, 1, 1, 2, 2}
	units := Units{make([]uint64, 6), keys(1, 1, 2, 2, 3, 3)}
	c := CompareClustered(first, second, units, Units{units.Strata, keys(4, 4, 5, 5, 6, 6)}, 0.95, 0, 0)
	// Variances 7 and 1 of three clusters each.
	if want := math.Sqrt(7.0/3 + 1.0/3); math.Abs(c.Mean-2) > 1e-12 || math.Abs(c.SE-want) > 1e-12 || math.Abs(c.DF-2) > 1e-9 {
		t.Errorf("%v ± %v with %v degrees of freedom, want 2 ± %v with 2", c.Mean, c.SE, c.DF, want)
	}
	// Unequal clusters of one arm: 4 rows and 1 row are 25/17 effective clusters, at least one
	// degree.
	c = CompareClustered([]float64{1, 1, 1, 1, 3}, second, Units{make([]uint64, 5), keys(1, 1, 1, 1, 2)}, Units{units.Strata, keys(4, 4, 5, 5, 6, 6)}, 0.95, 0, 0)
	if c.DF != 1 {
		t.Errorf("%v degrees of freedom, want 1", c.DF)
	}
	// Two clusters of one arm suffice: means 1, 2, 6 and 0.5, 1.5.
	for name, c := range map[string]Comparison{
		"first":  CompareClustered([]float64{0, 1, 1, 2}, first, Units{make([]uint64, 4), keys(4, 4, 5, 5)}, units, 0.95, 0, 0),
		"second": CompareClustered(first, []float64{0, 1, 1, 2}, units, Units{make([]uint64, 4), keys(4, 4, 5, 5)}, 0.95, 0, 0),
	} {
		if want := math.Sqrt(7.0/3 + 0.5/2); math.Abs(c.SE-want) > 1e-12 {
			t.Errorf("two clusters of the %s arm: standard error %v, want %v", name, c.SE, want)
		}
	}
	for reason, c := range map[string]Comparison{
		"one cluster of the first arm":  CompareClustered(first, second, Units{units.Strata, make([]uint64, 6)}, units, 0.95, 9, 1),
		"one cluster of the second arm": CompareClustered(first, second, units, Units{units.Strata, make([]uint64, 6)}, 0.95, 9, 1),
		"one block of several strata":   CompareClustered(first, second, Units{keys(1, 1, 2, 2, 3, 3), make([]uint64, 6)}, Units{keys(1, 1, 2, 2, 3, 3), keys(4, 4, 5, 5, 6, 6)}, 0.95, 9, 1),
	} {
		if !math.IsInf(c.SE, 1) || !math.IsInf(c.Low, -1) || !math.IsInf(c.High, 1) || !(c.P.P > 0 && c.P.P <= 1) {
			t.Errorf("%s: %+v, want no standard error and a p-value", reason, c)
		}
	}
}

// The interval takes blocks of strata for strata.
func TestBlocksOfStrata(t *testing.T) {
	first, second := []float64{3, 5, 10, 1, 4, 2}, []float64{1, 2, 3, 4, 1, 1}
	strata := keys(1, 2, 3, 4, 5, 6)
	of := Units{strata, keys(11, 11, 12, 12, 13, 13)}
	c := CompareClustered(first, second, of, Units{strata, keys(21, 22, 23, 24, 25, 26)}, 0.95, 0, 0)
	// The same differences with each conversation as a stratum of two rows per arm.
	joined := keys(1, 1, 2, 2, 3, 3)
	want := CompareStratified(first, second, joined, joined, 0.95, 0, 0)
	if math.Abs(c.Mean-want.Mean) > 1e-12 || math.Abs(c.SE-want.SE) > 1e-12 || math.Abs(c.DF-want.DF) > 1e-12 {
		t.Errorf("%v ± %v with %v degrees of freedom, want %v ± %v with %v", c.Mean, c.SE, c.DF, want.Mean, want.SE, want.DF)
	}
}

func TestCompareClusteredLeavesItsInputAlone(t *testing.T) {
	of, against := Units{handStrataFirst, keys(1, 1, 2, 3)}, Units{handStrataSecond, keys(4, 5, 5, 6, 7, 8)}
	first, second := slices.Clone(handFirst), slices.Clone(handSecond)
	CompareClustered(first, second, of, against, 0.95, 99, 1)
	ClusteredNull([][]float64{first}, [][]float64{second}, of, against, 3, 1)
	if !slices.Equal(first, handFirst) || !slices.Equal(second, handSecond) || !slices.Equal(of.Clusters, keys(1, 1, 2, 3)) || !slices.Equal(against.Clusters, keys(4, 5, 5, 6, 7, 8)) {
		t.Error("an argument was changed")
	}
}

// dependent returns two arms of a null in one of several designs of dependent rows.
func dependent(rng *rand.Rand, design string) (x, y []float64, of, against Units) {
	add := func(u *Units, values *[]float64, v float64, stratum, cluster uint64) {
		*values = append(*values, v)
		u.Strata, u.Clusters = append(u.Strata, stratum), append(u.Clusters, cluster)
	}
	arms := func(do func(u *Units, values *[]float64, arm uint64)) {
		do(&of, &x, 0)
		do(&against, &y, 1)
	}
	copies := func(n, prompts, times int) {
		levels := make([]float64, prompts)
		for k := range levels {
			levels[k] = rng.NormFloat64()
		}
		arms(func(u *Units, values *[]float64, arm uint64) {
			for i := range n {
				v := levels[i%prompts] + rng.NormFloat64()
				for range times {
					add(u, values, v, uint64(i%prompts), arm<<32|uint64(i))
				}
			}
		})
	}
	switch design {
	case "copies × 2, no prompts":
		copies(60, 1, 2)
	case "copies × 10, no prompts":
		copies(60, 1, 10)
	case "copies × 3, 40 prompts":
		copies(120, 40, 3)
	case "copies of unequal number":
		arms(func(u *Units, values *[]float64, arm uint64) {
			for i := range 40 {
				v := rng.NormFloat64()
				for range 1 + rng.IntN(5) {
					add(u, values, v, 0, arm<<32|uint64(i))
				}
			}
		})
	case "16 conversations of 20 prompts":
		arms(func(u *Units, values *[]float64, arm uint64) {
			for i := range 16 {
				own := rng.NormFloat64()
				for k := range 20 {
					add(u, values, own+rng.NormFloat64(), uint64(20*i+k), arm<<32|uint64(i))
				}
			}
		})
	case "16 conversations, prompts in common":
		arms(func(u *Units, values *[]float64, arm uint64) {
			for i := range 16 {
				own := rng.NormFloat64()
				for k := range 10 {
					add(u, values, own+rng.NormFloat64(), uint64((i+k)%16), arm<<32|uint64(i))
				}
			}
		})
	}
	return x, y, of, against
}

// TestDependentRows: the p-value is uniform and the interval covers if rows come in clusters. With
// rows as units the test rejects .10 to .34 of the nulls.
func TestDependentRows(t *testing.T) {
	const runs = 1000
	for _, design := range []string{
		"copies × 2, no prompts", "copies × 10, no prompts", "copies × 3, 40 prompts", "copies of unequal number",
		"16 conversations of 20 prompts", "16 conversations, prompts in common",
	} {
		rng := rand.New(rand.NewPCG(6, uint64(len(design))))
		small, byRows, covered := 0, 0, 0
		for run := range runs {
			x, y, of, against := dependent(rng, design)
			c := CompareClustered(x, y, of, against, 0.95, 99, uint64(run))
			if c.P.P <= 0.05 {
				small++
			}
			if c.Low <= 0 && c.High >= 0 {
				covered++
			}
			if CompareStratified(x, y, of.Strata, against.Strata, 0.95, 99, uint64(run)).P.P <= 0.05 {
				byRows++
			}
		}
		t.Logf("%s: P(p ≤ .05) = %.3f, with rows as units %.3f; the 95 %% interval covers in %.3f", design, float64(small)/runs, float64(byRows)/runs, float64(covered)/runs)
		if got := float64(small) / runs; math.Abs(got-0.05) > 3*standardError(0.05, runs) {
			t.Errorf("%s: P(p ≤ .05) = %v under the null", design, got)
		}
		if got := float64(covered) / runs; got < 0.95-3*standardError(0.05, runs) {
			t.Errorf("%s: the 95 %% interval covers in %v of runs", design, got)
		}
		if got := float64(byRows) / runs; got < 0.1 {
			t.Errorf("%s: the design is no test: with rows as units P(p ≤ .05) = %v", design, got)
		}
	}
}
