package filter

import (
	"math"
	mathbits "math/bits"
	"math/rand/v2"
	"unicode/utf8"
)

// sketch computes the MinHash values of texts by fast similarity sketching (Dahlgaard, Knudsen,
// Thorup 2017). A round hashes every shingle into one of the bins, and a bin that is empty keeps
// the least hash of the first round that reaches it. The rounds end when every bin has a value, so
// a text of n shingles takes about n + k·ln k hashes for k bins, and not n·k. As with k hash
// functions, the values of two texts in a bin are equal with the probability J of their sets of
// shingles, and estimates of J vary less.
type sketch struct {
	shingle int    // runes
	drop    uint64 // base^shingle, the factor of the rune that leaves a run
	seeds   []uint64

	values []uint64 // [bins]
	hashes []uint64 // of the shingles
	runes  []uint64
}

// base of the rolling hash of shingles: an odd constant, from SplitMix64.
const base = 0x9e3779b97f4a7c15

func newSketch(bins, shingle int) *sketch {
	s := &sketch{shingle: shingle, drop: 1, values: make([]uint64, bins)}
	random := rand.New(rand.NewPCG(0x6d696e68617368, 0)) // fixed: "minhash"
	for range 2 * bins {
		s.seeds = append(s.seeds, random.Uint64())
	}
	for range shingle {
		s.drop *= base
	}
	return s
}

// of returns the MinHash values of a text, valid until the next call. They are hashes of 52 bits
// below the number of the round, so the least value of a bin is of the first round that reached it.
func (s *sketch) of(text string) []uint64 {
	s.cut(text)
	for bin := range s.values {
		s.values[bin] = empty
	}
	bins := len(s.values)
	for r, left := 0, bins; r < bins && left > 0; r++ {
		left -= s.fill(uint64(r)<<hashBits, s.seeds[r])
	}
	for bin, v := range s.values {
		if v == empty { // of few shingles; a round of its own
			s.values[bin] = s.least(s.seeds[bins+bin])
		}
	}
	return s.values
}

// hashBits is the size of a hash in a value; the number of a round, below maxHashes, is above it.
const hashBits = 52

const empty uint64 = math.MaxUint64

// fill is a round. It returns the number of bins that were empty and have a value now. It has no
// branches, which would be mispredicted.
func (s *sketch) fill(round, seed uint64) (filled int) {
	values := s.values
	bins := uint64(len(values))
	for _, h := range s.hashes {
		h = mix(h ^ seed)
		bin, _ := mathbits.Mul64(h, bins)
		had := values[bin]
		if had == empty {
			filled++
		}
		values[bin] = min(had, round|h&(1<<hashBits-1))
	}
	return filled
}

func (s *sketch) least(seed uint64) uint64 {
	least := empty
	for _, h := range s.hashes {
		least = min(least, mix(h^seed))
	}
	return least
}

// cut sets hashes to those of the shingles of a text. A text that is shorter than a shingle is one
// shingle.
func (s *sketch) cut(text string) {
	s.hashes, s.runes = s.hashes[:0], s.runes[:0]
	h := uint64(0)
	for i, r := range text {
		x := uint64(r) + 1
		if r == utf8.RuneError && text[i] != "\uFFFD"[0] {
			x = uint64(utf8.MaxRune) + 2 + uint64(text[i]) // a byte that is not UTF-8
		}
		s.runes = append(s.runes, x)
		h = h*base + x
		if n := len(s.runes) - 1; n >= s.shingle {
			h -= s.runes[n-s.shingle] * s.drop
		}
		if len(s.runes) >= s.shingle {
			s.hashes = append(s.hashes, h)
		}
	}
	if len(s.hashes) == 0 {
		s.hashes = append(s.hashes, h)
	}
}

// mix is the finaliser of SplitMix64, a permutation in which every bit of x affects every bit of
// the result (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
