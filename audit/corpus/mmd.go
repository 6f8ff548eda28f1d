package corpus

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone/audit/stats"
)

// mmdRows is the largest number of rows of an arm in the kernel. Time and memory grow with its
// square.
const mmdRows = 500

// mmdTest is the two-sample test of Gretton et al. (JMLR 13, 2012): the unbiased estimate of the
// squared maximum mean discrepancy (their eq. 3) with a permutation p-value. The kernel is
// Gaussian, and its bandwidth is the median distance between rows. The distance between two rows is
// √(2−2c), where c is the mean over the content channels of the cosine between their features.
//
// Null: the arms are exchangeable within blocks. Alternative: the discrepancy is larger. Ties
// follow [stats.Tail]. It returns nil if the blocks hold fewer than 2 rows of an arm.
func (m *designMatrix) mmdTest(channels []*featureChannel, rows []int, blocksOf func([]int) []block, draws int, seed uint64, rng *rand.Rand) *MMD {
	blocks := blocksOf(m.kernelRows(rows, seed))
	var picked []int
	for _, b := range blocks {
		for _, u := range b.units {
			picked = append(picked, u.rows...)
		}
	}
	position := make(map[int]int, len(picked)) // of a row in the kernel
	arms := make([]bool, len(picked))
	var n [2]int
	for at, i := range picked {
		position[i] = at
		arms[at] = m.suspect[i]
		n[btoi(arms[at])]++
	}
	if n[0] < 2 || n[1] < 2 {
		return nil
	}
	kernel, bandwidth := gaussianKernel(channels, picked)
	result := &MMD{Squared: squaredMMD(kernel, arms), Bandwidth: bandwidth, Rows: len(picked)}
	tail := stats.NewTail(result.Squared, 1) // the kernel is at most 1
	for range draws {
		for _, b := range blocks {
			suspects := b.suspects()
			for rank, j := range randomOrder(len(b.units), rng) {
				for _, i := range b.units[j].rows {
					arms[position[i]] = rank < suspects
				}
			}
		}
		tail.Add(squaredMMD(kernel, arms))
	}
	result.P = tail.MonteCarlo()
	return result
}

func randomOrder(n int, rng *rand.Rand) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	stats.Shuffle(rng, order)
	return order
}

// kernelRows returns at most mmdRows rows of each arm, by whole prompts as far as possible.
func (m *designMatrix) kernelRows(rows []int, seed uint64) []int {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b int) int {
		return cmp.Or(
			cmp.Compare(mix(m.prompt[a].Uint64(), seed), mix(m.prompt[b].Uint64(), seed)),
			cmp.Compare(mix(m.content[a].Uint64(), seed), mix(m.content[b].Uint64(), seed)))
	})
	var n [2]int
	return slices.DeleteFunc(rows, func(i int) bool {
		arm := btoi(m.suspect[i])
		n[arm]++
		return n[arm] > mmdRows
	})
}

// gaussianKernel returns the kernel of every two of the rows, row by row, and its bandwidth.
func gaussianKernel(channels []*featureChannel, rows []int) ([][]float64, float64) {
	kernel := make([][]float64, len(rows)) // first the sum of cosines, below the diagonal
	for a := range kernel {
		kernel[a] = make([]float64, len(rows))
	}
	for _, c := range channels {
		addCosines(kernel, c, rows)
	}
	n := float64(len(channels))
	squares := make([]float64, 0, len(rows)*(len(rows)-1)/2)
	for a := range kernel {
		for b := range a {
			squares = append(squares, max(0, 2-2*kernel[a][b]/n))
		}
	}
	slices.Sort(squares)
	median := squares[len(squares)/2]
	if median == 0 {
		median = 1 // most rows have equal features
	}
	for a := range kernel {
		kernel[a][a] = 1
		for b := range a {
			k := math.Exp(-max(0, 2-2*kernel[a][b]/n) / (2 * median))
			kernel[a][b], kernel[b][a] = k, k
		}
	}
	return kernel, math.Sqrt(median)
}

// addCosines adds the cosines between the rows' features of one channel, below the diagonal.
func addCosines(cosine [][]float64, c *featureChannel, rows []int) {
	dense := make([]float64, len(c.vocabulary.keys)) // the features of row a
	norm := make([]float64, len(rows))
	for a, i := range rows {
		for _, f := range c.features[i] {
			dense[f.id] += float64(f.value)
		}
		for _, f := range c.features[i] { // each repetition adds value × sum, so that they add up to the square
			norm[a] += float64(f.value) * dense[f.id]
		}
		norm[a] = math.Sqrt(norm[a])
		if norm[a] > 0 {
			for b := range a {
				if norm[b] > 0 {
					sum := 0.0
					for _, f := range c.features[rows[b]] {
						sum += float64(f.value) * dense[f.id]
					}
					cosine[a][b] += sum / (norm[a] * norm[b])
				}
			}
		}
		for _, f := range c.features[i] {
			dense[f.id] = 0
		}
	}
}

// squaredMMD returns the unbiased estimate of MMD². It can be negative.
func squaredMMD(kernel [][]float64, suspect []bool) float64 {
	var sum [2][2]float64
	var n [2]float64
	for a, row := range kernel {
		i := btoi(suspect[a])
		n[i]++
		for b := range a {
			sum[i][btoi(suspect[b])] += row[b]
		}
	}
	within := 2*sum[0][0]/(n[0]*(n[0]-1)) + 2*sum[1][1]/(n[1]*(n[1]-1))
	return within - 2*(sum[0][1]+sum[1][0])/(n[0]*n[1])
}
