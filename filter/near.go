package filter

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/undertone-audit/undertone"
)

// NearDuplicate is the reason of [NearDuplicates].
const NearDuplicate Reason = "near duplicate"

// NearDuplicates drops every row that resembles an earlier row that this filter kept, or repeats
// it. The resemblance of two texts is the Jaccard index J, in [0, 1], of their sets of shingles,
// which are runs of characters. It is estimated: each text has Bands × PerBand MinHash values, and
// two texts are near duplicates if all values of a band are equal. [NearDuplicates.Probability]
// gives the probability of this for each J. It exceeds 1/2 for J above about (1/Bands)^(1/PerBand),
// which is .71 for the default settings. These find 6 % of the pairs with J = .5, 61 % of those
// with .7, 95 % of those with .8, and all but 1 in 10,000 of those with .9. Texts are compared in
// the form of [Duplicates]. Of a prompt only the last message of the user is compared, because
// rows that share a system prompt or the beginning of a chat resemble each other there. Rows with
// different labels of their answers do not resemble each other. The hash
// functions are fixed, so the result depends only on the rows and their order.
//
// Sources: Broder, "On the resemblance and containment of documents" (1997); Leskovec, Rajaraman,
// Ullman, "Mining of massive datasets", section 3.4.
type NearDuplicates struct {
	Of      Part // what is compared (default Rows)
	Shingle int  // length of a shingle in runes (default 5)
	Bands   int  // number of bands (default 16)
	PerBand int  // MinHash values per band (default 8)
	Window  int  // number of the latest texts that are remembered (default 262,144, about 200 MB)
}

var _ Starter = NearDuplicates{}

// Name implements [Filter].
func (n NearDuplicates) Name() string { return "near duplicates" }

// String states the settings.
func (n NearDuplicates) String() string {
	n = n.withDefaults()
	return fmt.Sprintf("of %v, shingles of %d, %d bands of %d, window %d", n.Of, n.Shingle, n.Bands, n.PerBand, n.Window)
}

// maxHashes is the largest number of MinHash values of a text.
const maxHashes = 1 << 12

func (n NearDuplicates) withDefaults() NearDuplicates {
	n.Shingle = max(1, cmp.Or(n.Shingle, 5))
	n.Bands = min(max(1, cmp.Or(n.Bands, 16)), maxHashes)
	n.PerBand = min(max(1, cmp.Or(n.PerBand, 8)), maxHashes/n.Bands)
	n.Window = max(1, cmp.Or(n.Window, 1<<18))
	return n
}

// Probability returns the probability that two texts are near duplicates if the Jaccard index of
// their shingles is j, in [0, 1]: 1 − (1 − j^PerBand)^Bands.
func (n NearDuplicates) Probability(j float64) float64 {
	n = n.withDefaults()
	return 1 - math.Pow(1-math.Pow(j, float64(n.PerBand)), float64(n.Bands))
}

// Reasons implements [Filter]. A row alone resembles no other row, so it returns nil.
func (n NearDuplicates) Reasons(undertone.Example) []Reason { return nil }

// Start implements [Starter].
func (n NearDuplicates) Start() Filter {
	return newNearIndex(n)
}

// nearIndex finds texts that resemble the texts that it holds.
type nearIndex struct {
	NearDuplicates
	seeds []uint64          // [Bands × PerBand] of the hash functions
	least []uint64          // [Bands × PerBand] MinHash values of the current text
	bands []*recent[uint64] // [Bands] keys
}

func newNearIndex(n NearDuplicates) *nearIndex {
	n = n.withDefaults()
	x := &nearIndex{NearDuplicates: n}
	random := rand.New(rand.NewPCG(0x6d696e68617368, 0)) // fixed: "minhash"
	for range n.Bands * n.PerBand {
		x.seeds = append(x.seeds, random.Uint64())
	}
	x.least = make([]uint64, len(x.seeds))
	for range n.Bands {
		x.bands = append(x.bands, newRecent[uint64](n.Window))
	}
	return x
}

func (x *nearIndex) Reasons(row undertone.Example) []Reason {
	keys := x.keys(x.Of.distinctive(row))
	if label := x.Of.judgement(row); label != 0 {
		for b := range keys {
			keys[b] = mix(keys[b] ^ label)
		}
	}
	if x.has(keys) {
		return []Reason{NearDuplicate}
	}
	x.add(keys)
	return nil
}

func (x *nearIndex) has(keys []uint64) bool {
	for b, key := range keys {
		if x.bands[b].has(key) {
			return true
		}
	}
	return false
}

func (x *nearIndex) add(keys []uint64) {
	for b, key := range keys {
		x.bands[b].add(key)
	}
}

// keys returns one hash per band. Two texts with equal MinHash values in a band have equal hashes.
func (x *nearIndex) keys(text string) []uint64 {
	x.sign(text)
	keys := make([]uint64, x.Bands)
	for b := range keys {
		for _, v := range x.least[b*x.PerBand : (b+1)*x.PerBand] {
			keys[b] = mix(keys[b] ^ v)
		}
	}
	return keys
}

// sign sets least to the MinHash values of the text. A text that is shorter than a shingle is one
// shingle.
func (x *nearIndex) sign(text string) {
	for i := range x.least {
		x.least[i] = math.MaxUint64
	}
	starts := make([]int, 0, len(text)+1) // of the runes
	for i := range text {
		starts = append(starts, i)
	}
	starts = append(starts, len(text))
	for from := 0; from == 0 || from+x.Shingle < len(starts); from++ {
		h := hashText(text[starts[from]:starts[min(from+x.Shingle, len(starts)-1)]])
		for i, seed := range x.seeds {
			x.least[i] = min(x.least[i], mix(h^seed))
		}
	}
}

// hashText is FNV-1a.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix is the finaliser of SplitMix64, a permutation in which every bit of x affects every bit of
// the result (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
