package stats

import (
	"iter"
	"math"
	"math/bits"
	"math/rand/v2"
)

// DefaultPermutations is the smallest number of random rearrangements that [Permutations] returns.
const DefaultPermutations = 100_000

// MaxPermutations is the largest number of random rearrangements that [Permutations] returns. It is
// about the number of sign patterns of [MaxExactPairs] pairs.
const MaxPermutations = 1_000_000

// Permutations returns how many random rearrangements a test at the given level needs: 10/level, so
// that the floor of the p-value is a tenth of the level, in [DefaultPermutations, MaxPermutations].
// level must be >= 0; 0 gives MaxPermutations.
func Permutations(level float64) int {
	if !(level >= 0) {
		misuse("Permutations", "level %v, want a number >= 0", level)
	}
	return int(min(MaxPermutations, max(DefaultPermutations, math.Ceil(10/level))))
}

// Tail counts the rearrangements of the data whose statistic is at least the observed one, and
// turns the count into a p-value.
//
// Null: all rearrangements that the caller adds are equally likely, the observed one among them.
// The test is one-sided: large statistics speak against the null. Ties count against the
// alternative. A statistic that differs from the observed one by rounding alone is a tie, and a
// statistic that is not a number is one too.
type Tail struct {
	least        float64 // smallest statistic that counts
	count, total int
}

// rounding is the largest relative difference of two statistics that are equal up to rounding.
const rounding = 1e-9

// NewTail returns a tail without any rearrangement. scale is the size of the numbers that the
// statistic adds up, such as the sum of their absolute values. It may be far larger than the
// observed statistic. Statistics >= observed − 10⁻⁹·scale count.
func NewTail(observed, scale float64) *Tail { return &Tail{least: observed - rounding*scale} }

// Add adds the statistic of one rearrangement.
func (t *Tail) Add(statistic float64) {
	t.total++
	if !(statistic < t.least) { // NaN counts
		t.count++
	}
}

// Exact returns the p-value if the caller added every rearrangement once, the observed one
// included: the share of rearrangements that count. The floor is 1 over their number.
func (t *Tail) Exact() PValue {
	n := float64(t.total)
	return PValue{P: float64(t.count) / n, Floor: 1 / n, Exact: true}
}

// MonteCarlo returns the p-value if the caller added n independent random rearrangements and k of
// them count: (k+1)/(n+1). The floor is 1/(n+1). The observed arrangement counts as one more draw,
// so the test keeps its level for every n (Phipson & Smyth 2010).
func (t *Tail) MonteCarlo() PValue {
	n := float64(t.total + 1)
	return PValue{P: float64(t.count+1) / n, Floor: 1 / n}
}

// signFlips visits all 2ⁿ patterns of n signs, beginning with the pattern of no change. It yields
// the sign to turn for the next pattern (Gray code), which makes 2ⁿ − 1 values.
func signFlips(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := uint64(1); i < 1<<n; i++ {
			if !yield(bits.TrailingZeros64(i)) {
				return
			}
		}
	}
}

// RandomSigns fills signs with independent fair signs, 1 or −1. It takes one random word for every
// 64 signs.
func RandomSigns(rng *rand.Rand, signs []float64) {
	var word uint64
	for i := range signs {
		if i%64 == 0 {
			word = rng.Uint64()
		}
		signs[i] = float64(int(word&1)*2 - 1)
		word >>= 1
	}
}

// Block is a set of units whose labels are exchangeable under the null. The first Labelled units
// have the label.
type Block[T any] struct {
	Units    []T
	Labelled int // in [0, len(Units)]; Relabel panics otherwise
}

// Relabel gives the label to a random choice of Labelled units: it moves them to the front. All
// choices are equally likely (Fisher & Yates 1938, stopped after Labelled steps).
func (b Block[T]) Relabel(rng *rand.Rand) {
	if b.Labelled < 0 || b.Labelled > len(b.Units) {
		misuse("Block.Relabel", "%d labelled of %d units", b.Labelled, len(b.Units))
	}
	for i := range b.Labelled {
		j := i + rng.IntN(len(b.Units)-i)
		b.Units[i], b.Units[j] = b.Units[j], b.Units[i]
	}
}

// Shuffle puts x into a random order. All orders are equally likely.
func Shuffle[T any](rng *rand.Rand, x []T) {
	rng.Shuffle(len(x), func(i, j int) { x[i], x[j] = x[j], x[i] })
}

// orders visits all n! orders of the numbers from 0 to n−1. The slice is the same for all orders.
func orders(n int) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		var visit func(k int) bool
		visit = func(k int) bool { // all orders of order[k:]
			if k == n {
				return yield(order)
			}
			for i := k; i < n; i++ {
				order[k], order[i] = order[i], order[k]
				ok := visit(k + 1)
				order[k], order[i] = order[i], order[k]
				if !ok {
					return false
				}
			}
			return true
		}
		visit(0)
	}
}
