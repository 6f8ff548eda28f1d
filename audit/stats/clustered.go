package stats

import "math"

// Units says which rows of an arm belong together, by two keys for each row.
type Units struct {
	Strata []uint64 // rows with equal keys are compared with each other, such as rows of one prompt

	// Clusters holds equal keys for rows that were not sampled independently, such as copies of one
	// row or the turns of one conversation. Nil means that all rows are independent.
	Clusters []uint64
}

// need panics unless both keys are there for n values of an arm.
func (u Units) need(function string, n int, what, arm string) {
	needLengths(function, n, what, len(u.Strata), "strata of the "+arm+" arm")
	if u.Clusters != nil {
		needLengths(function, n, what, len(u.Clusters), "clusters of the "+arm+" arm")
	}
}

// CompareClustered is [CompareStratified] for rows that come in clusters. Equal cluster keys join
// the rows of one arm into one unit. Clusters of a single row give the result of CompareStratified,
// bit for bit.
//
// The test moves each unit as a whole. A cluster with rows in several strata joins these strata
// into one block, also if the rows are in different arms, and labels are drawn within blocks. Null:
// the labels of the units are exchangeable within each block. A stratum still contributes
// differences from its own mean only. SmallestP states the smallest p-value that the units allow: 1
// over the number of labellings.
//
// The interval takes blocks for strata. If there is one block of one stratum, its unit is the
// cluster: the standard error of each arm's mean is that of the jackknife over clusters, and the
// degrees of freedom are one less than the smaller effective number of clusters (Kish 1965). If
// there is one block of several strata, the standard error is unknown: SE is +Inf and the interval
// infinite; the p-value is valid.
func CompareClustered(first, second []float64, of, against Units, level float64, draws int, seed uint64) Comparison {
	return compare("CompareClustered", first, second, of, against, level, draws, seed)
}

// ClusteredNull is [StratifiedNull] for rows that come in clusters: the permutation distribution of
// the mean of [CompareClustered]. A labelling changes the number of rows of an arm if clusters
// differ in size. The value of a labelling is the sum over strata of the first arm's differences
// from the stratum's mean, divided by the sum of the strata's observed weights.
func ClusteredNull(first, second [][]float64, of, against Units, draws int, seed uint64) [][]float64 {
	return null("ClusteredNull", first, second, of, against, draws, seed)
}

// block is a set of strata that clusters join, with the units whose labels are exchangeable in it.
type block struct {
	strata []int   // indices of the strata
	units  [][]int // rows of each unit; the first arm's units come first
	first  int     // number of units of the first arm
}

// unitKey is the key of a unit. A unit is a cluster, or a single row if its arm has no clusters.
type unitKey struct {
	clustered bool
	key       uint64
}

// joinStrata returns the blocks, in the order of their first strata.
func joinStrata(strata []stratum, of, against Units) []block {
	if of.Clusters == nil && against.Clusters == nil {
		return singleBlocks(strata)
	}
	keyOf := func(row int) unitKey {
		u, index := of, row
		if row >= len(of.Strata) {
			u, index = against, row-len(of.Strata)
		}
		if u.Clusters == nil {
			return unitKey{key: uint64(row)}
		}
		return unitKey{clustered: true, key: u.Clusters[index]}
	}
	// Union-find over strata.
	parent := make([]int, len(strata))
	for k := range parent {
		parent[k] = k
	}
	root := func(k int) int {
		for parent[k] != k {
			parent[k] = parent[parent[k]]
			k = parent[k]
		}
		return k
	}
	seen := map[unitKey]int{} // a stratum of each cluster
	for k, s := range strata {
		for _, row := range s.rows {
			key := keyOf(row)
			if before, ok := seen[key]; ok {
				a, b := root(before), root(k)
				parent[max(a, b)] = min(a, b) // the first stratum of a block is its root
			}
			seen[key] = k
		}
	}
	var blocks []block
	index := make([]int, len(strata)) // block of a root
	for k := range strata {
		if root(k) == k {
			index[k] = len(blocks)
			blocks = append(blocks, block{})
		}
		b := &blocks[index[root(k)]]
		b.strata = append(b.strata, k)
	}
	for k := range blocks {
		blocks[k].addUnits(strata, keyOf)
	}
	return blocks
}

// singleBlocks returns one block for each stratum, whose units are its rows.
func singleBlocks(strata []stratum) []block {
	blocks := make([]block, len(strata))
	for k, s := range strata {
		blocks[k] = block{strata: []int{k}, first: s.first}
		for i := range s.rows {
			blocks[k].units = append(blocks[k].units, s.rows[i:i+1])
		}
	}
	return blocks
}

// addUnits adds the units of the block: the rows of one arm with one key, in the order of their
// first rows.
func (b *block) addUnits(strata []stratum, keyOf func(row int) unitKey) {
	for arm := range 2 {
		index := map[unitKey]int{}
		for _, k := range b.strata {
			rows := strata[k].rows[:strata[k].first]
			if arm == 1 {
				rows = strata[k].rows[strata[k].first:]
			}
			for _, row := range rows {
				u, ok := index[keyOf(row)]
				if !ok {
					u = len(b.units)
					index[keyOf(row)] = u
					b.units = append(b.units, nil)
				}
				b.units[u] = append(b.units[u], row)
			}
		}
		if arm == 0 {
			b.first = len(b.units)
		}
	}
}

// sumOf returns the sum of the values of some rows.
func sumOf(values []float64, rows []int) float64 {
	sum := values[rows[0]]
	for _, i := range rows[1:] {
		sum += values[i]
	}
	return sum
}

// pool returns the comparison of the arms in each block, from that in each stratum.
func pool(strata []summary, blocks []block) []summary {
	out := make([]summary, len(blocks))
	for i, b := range blocks {
		if len(b.strata) == 1 {
			out[i] = strata[b.strata[0]]
			continue
		}
		for _, k := range b.strata {
			out[i].weight += strata[k].weight
			out[i].difference += strata[k].weight * strata[k].difference
		}
		out[i].difference /= out[i].weight
	}
	return out
}

// withinBlock returns the standard error of the mean if all strata are one block, and the degrees
// of freedom of its estimate.
func (b block) withinBlock(values []float64, strata []stratum) (se, df float64) {
	s := strata[0]
	switch {
	case len(strata) > 1:
		return math.Inf(1), 0
	case len(b.units) == len(s.rows):
		return withinStratum(values, s)
	case b.first < 2 || len(b.units)-b.first < 2:
		return math.Inf(1), 0
	}
	variance := 0.0
	df = math.Inf(1)
	for _, units := range [][][]int{b.units[:b.first], b.units[b.first:]} {
		means, weight, mean := make([]summary, len(units)), 0.0, 0.0
		for u, rows := range units {
			n := float64(len(rows))
			means[u] = summary{n, sumOf(values, rows) / n}
			weight += n
			mean += sumOf(values, rows)
		}
		se, degrees := jackknife(means, mean/weight, weight)
		variance += se * se
		df = min(df, degrees)
	}
	return math.Sqrt(variance), df
}

// labellings returns the number of units and 1 over the number of their labellings.
func labellings(blocks []block) (units int, smallest float64) {
	logarithm := 0.0
	gamma := func(n int) float64 {
		g, _ := math.Lgamma(float64(n + 1))
		return g
	}
	for _, b := range blocks {
		units += len(b.units)
		logarithm += gamma(len(b.units)) - gamma(b.first) - gamma(len(b.units)-b.first)
	}
	return units, math.Exp(-logarithm)
}
