package corpus

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// mmdRows is how many rows of an arm the kernel looks at: its cost is their square.
const mmdRows = 500

// kernelTest is the two-sample test of Gretton et al. (JMLR 13, 2012): the unbiased
// estimate of the squared maximum mean discrepancy (their eq. 3) under a Gaussian
// kernel whose bandwidth is the median distance between rows, with a permutation
// p-value. The distance between two rows is √(2−2c), c the mean over the content
// channels of the cosine between their features. Null: arms are exchangeable
// within blocks. One-sided: the discrepancy is larger than chance makes it.
func (s *sheet) kernelTest(lenses []*lens, rows []int, blocksOf func([]int) []block, draws int, seed uint64, rng *rand.Rand) *MMD {
	rows = s.forKernel(rows, seed)
	var picked []int
	blocks := blocksOf(rows)
	for _, b := range blocks {
		for _, u := range b.units {
			picked = append(picked, u.rows...)
		}
	}
	position := make(map[int]int, len(picked))
	for at, i := range picked {
		position[i] = at
	}
	arms := make([]bool, len(picked))
	var n [2]int
	for at, i := range picked {
		arms[at] = s.suspect[i]
		n[btoi(arms[at])]++
	}
	if n[0] < 2 || n[1] < 2 {
		return nil
	}
	k, bandwidth := gram(lenses, picked)
	result := &MMD{Squared: discrepancy(k, arms), Bandwidth: bandwidth, Rows: len(picked)}
	atLeast := 0
	for range draws {
		for _, b := range blocks {
			m := b.suspects()
			order := rng.Perm(len(b.units))
			for rank, j := range order {
				for _, i := range b.units[j].rows {
					arms[position[i]] = rank < m
				}
			}
		}
		atLeast += btoi(discrepancy(k, arms) >= result.Squared-1e-12)
	}
	result.Test = Test{P: float64(atLeast+1) / float64(draws+1), Floor: 1 / float64(draws+1)}
	return result
}

// forKernel picks at most mmdRows of each arm, by whole prompts as far as they go.
func (s *sheet) forKernel(rows []int, seed uint64) []int {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b int) int {
		return cmp.Or(
			cmp.Compare(mix(s.prompt[a].Uint64(), seed), mix(s.prompt[b].Uint64(), seed)),
			cmp.Compare(mix(s.content[a].Uint64(), seed), mix(s.content[b].Uint64(), seed)))
	})
	var n [2]int
	return slices.DeleteFunc(rows, func(i int) bool {
		arm := btoi(s.suspect[i])
		n[arm]++
		return n[arm] > mmdRows
	})
}

// gram returns the kernel of every two of the rows, row by row, and the bandwidth.
func gram(lenses []*lens, rows []int) ([][]float64, float64) {
	n := len(rows)
	cosine := make([][]float64, n)
	for a := range cosine {
		cosine[a] = make([]float64, n)
	}
	channels := float64(len(lenses))
	for _, l := range lenses {
		dense := make([]float64, len(l.vocabulary.keys))
		norm := make([]float64, n)
		for a, i := range rows {
			for _, f := range l.features[i] {
				dense[f.id] += float64(f.value)
			}
			for _, f := range l.features[i] { // a repeated feature counts its sum each time
				norm[a] += float64(f.value) * dense[f.id]
			}
			norm[a] = math.Sqrt(norm[a])
			if norm[a] > 0 {
				for b := range a {
					if norm[b] > 0 {
						sum := 0.0
						for _, f := range l.features[rows[b]] {
							sum += float64(f.value) * dense[f.id]
						}
						cosine[a][b] += sum / (norm[a] * norm[b])
					}
				}
			}
			for _, f := range l.features[i] {
				dense[f.id] = 0
			}
		}
	}
	squares := make([]float64, 0, n*(n-1)/2)
	for a := range cosine {
		for b := range a {
			squares = append(squares, max(0, 2-2*cosine[a][b]/channels))
		}
	}
	slices.Sort(squares)
	median := squares[len(squares)/2]
	if median == 0 {
		median = 1 // all rows look the same
	}
	for a := range cosine {
		cosine[a][a] = 1
		for b := range a {
			k := math.Exp(-max(0, 2-2*cosine[a][b]/channels) / (2 * median))
			cosine[a][b], cosine[b][a] = k, k
		}
	}
	return cosine, math.Sqrt(median)
}

// discrepancy is the unbiased estimate of MMD². It can be negative.
func discrepancy(k [][]float64, suspect []bool) float64 {
	var sum [2][2]float64
	var n [2]float64
	for a, row := range k {
		i := btoi(suspect[a])
		n[i]++
		for b := range a {
			sum[i][btoi(suspect[b])] += row[b]
		}
	}
	within := 2*sum[0][0]/(n[0]*(n[0]-1)) + 2*sum[1][1]/(n[1]*(n[1]-1))
	return within - 2*(sum[0][1]+sum[1][0])/(n[0]*n[1])
}
