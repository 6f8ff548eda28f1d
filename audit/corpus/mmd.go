package corpus

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone/audit/stats"
)

// mmdUnits is the largest number of units of an arm in the kernel. Time and memory grow with its
// square.
const mmdUnits = 500

// mmdTest is the two-sample test of Gretton et al. (JMLR 13, 2012): the unbiased estimate of the
// squared maximum mean discrepancy (their eq. 3) with a permutation p-value. The kernel is
// Gaussian, and its bandwidth is the median distance between units. The distance between two units
// is √(2−2c), where c is the mean over the content channels of the cosine between the means of the
// features of their rows.
//
// Null: the arms of the units are exchangeable within blocks. Alternative: the discrepancy is
// larger. Ties follow [stats.Tail]. It returns nil if the blocks hold fewer than 2 units of an arm.
func (m *designMatrix) mmdTest(channels []*featureChannel, blocks []block, draws int, rng *rand.Rand) *MMD {
	blocks = m.kernelUnits(blocks)
	units := unitsOf(blocks)
	arms := make([]bool, len(units))
	var n [2]int
	rows := 0
	for at, u := range units {
		arms[at] = u.suspect
		n[btoi(u.suspect)]++
		rows += len(u.rows)
	}
	if n[0] < 2 || n[1] < 2 {
		return nil
	}
	kernel, bandwidth := gaussianKernel(channels, units)
	result := &MMD{Squared: squaredMMD(kernel, arms), Bandwidth: bandwidth, Rows: rows, Units: len(units)}
	tail := stats.NewTail(result.Squared, 1) // the kernel is at most 1
	for range draws {
		if m.stop.stopped() {
			break
		}
		at := 0
		for _, b := range blocks {
			suspects := b.suspects()
			for rank, j := range randomOrder(len(b), rng) {
				arms[at+j] = rank < suspects
			}
			at += len(b)
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

// kernelUnits returns at most mmdUnits units of each arm, by whole prompts as far as possible.
// Blocks that lose an arm are left out.
func (m *designMatrix) kernelUnits(blocks []block) []block {
	type place struct{ block, unit, row int }
	var places []place
	for b := range blocks {
		for u := range blocks[b] {
			places = append(places, place{b, u, blocks[b][u].rows[0]})
		}
	}
	slices.SortStableFunc(places, func(a, b place) int {
		return cmp.Or(
			cmp.Compare(mix(m.prompt[a.row].Uint64(), 0), mix(m.prompt[b.row].Uint64(), 0)),
			cmp.Compare(mix(m.content[a.row].Uint64(), 0), mix(m.content[b.row].Uint64(), 0)))
	})
	var n [2]int
	kept := make([]block, len(blocks))
	for _, p := range places {
		u := blocks[p.block][p.unit]
		if n[btoi(u.suspect)]++; n[btoi(u.suspect)] <= mmdUnits {
			kept[p.block] = append(kept[p.block], u)
		}
	}
	return bothArms(kept)
}

// gaussianKernel returns the kernel of every two of the units, unit by unit, and its bandwidth.
func gaussianKernel(channels []*featureChannel, units []unit) ([][]float64, float64) {
	kernel := make([][]float64, len(units)) // first the sum of cosines
	for a := range kernel {
		kernel[a] = make([]float64, len(units))
	}
	for _, c := range channels {
		c.eachProduct(c.vectors(units), func(a, b int, product, lengthA, lengthB float64) {
			if lengthA > 0 && lengthB > 0 {
				kernel[a][b] += product / (lengthA * lengthB)
			}
		})
	}
	n := float64(len(channels))
	squares := make([]float64, 0, len(units)*(len(units)-1)/2)
	for a := range kernel {
		for b := range a {
			squares = append(squares, max(0, 2-2*kernel[a][b]/n))
		}
	}
	slices.Sort(squares)
	median := squares[len(squares)/2]
	if median == 0 {
		median = 1 // most units have equal features
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
