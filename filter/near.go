package filter

import (
	"cmp"
	"fmt"
	"math"

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
// The MinHash values are those of fast similarity sketching: most shingles are hashed once instead
// of Bands × PerBand times.
//
// Sources: Broder, "On the resemblance and containment of documents" (1997); Leskovec, Rajaraman,
// Ullman, "Mining of massive datasets", section 3.4; Dahlgaard, Knudsen, Thorup, "Fast similarity
// sketching" (2017).
type NearDuplicates struct {
	Of      Part // what is compared (default Rows)
	Shingle int  // length of a shingle in runes (default 5)
	Bands   int  // number of bands (default 16)
	PerBand int  // MinHash values per band (default 8)
	Window  int  // number of the latest texts that are remembered (default 262,144, about 70 MB)
}

var _ Starter = NearDuplicates{}

// Name implements [Filter].
func (n NearDuplicates) Name() string { return "near duplicates" }

// String states the settings.
func (n NearDuplicates) String() string {
	n = n.withDefaults()
	return fmt.Sprintf("of %v, shingles of %d, %d bands of %d, window %d", n.Of, n.Shingle, n.Bands, n.PerBand, n.Window)
}

// maxHashes is the largest number of MinHash values of a text, and of rounds of a [sketch].
const maxHashes = 1 << 12

func (n NearDuplicates) withDefaults() NearDuplicates {
	n.Shingle = max(1, cmp.Or(n.Shingle, 5))
	n.Bands = min(max(1, cmp.Or(n.Bands, 16)), maxHashes)
	n.PerBand = min(max(1, cmp.Or(n.PerBand, 8)), maxHashes/n.Bands)
	n.Window = min(max(1, cmp.Or(n.Window, 1<<18)), maxTexts)
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
	sketch *sketch
	held   *bandIndex
	band   []uint64 // [Bands] keys of the current text
}

func newNearIndex(n NearDuplicates) *nearIndex {
	n = n.withDefaults()
	return &nearIndex{n, newSketch(n.Bands*n.PerBand, n.Shingle), newBandIndex(n.Bands, n.Window), make([]uint64, n.Bands)}
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

func (x *nearIndex) has(keys []uint64) bool { return x.held.has(keys) }

func (x *nearIndex) add(keys []uint64) { x.held.add(keys) }

// keys returns one hash per band, valid until the next call. Two texts with equal MinHash values in
// a band have equal hashes.
func (x *nearIndex) keys(text string) []uint64 {
	values := x.sketch.of(text)
	for b := range x.band {
		key := uint64(0)
		for _, v := range values[b*x.PerBand : (b+1)*x.PerBand] {
			key = mix(key ^ v)
		}
		x.band[b] = key
	}
	return x.band
}
