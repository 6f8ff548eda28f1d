package prompts

import (
	"math/bits"

	"github.com/undertone-audit/undertone"
)

// permute returns the image of i modulo n under a permutation of [0, n) that kind and seed
// determine.
//
// The permutation is a Feistel network over the smallest even number of bits that holds n, applied
// until the result is below n ("cycle walking"; Black & Rogaway, Ciphers with Arbitrary Finite
// Domains, 2002). This takes at most 4 steps on average.
func permute(kind string, seed, n uint64, i int) uint64 {
	const rounds = 6
	x := uint64(i) % n
	if i < 0 {
		x = n - 1 - uint64(-(i+1))%n
	}
	half := (bits.Len64(n-1) + 1) / 2
	mask := uint64(1)<<half - 1
	key := undertone.NewHasher(kind).Uint(seed).Sum().Uint64()
	for {
		left, right := x>>half, x&mask
		for r := range uint64(rounds) {
			left, right = right, left^mix(key+r*0x9e3779b97f4a7c15+right)&mask
		}
		if x = left<<half | right; x < n {
			return x
		}
	}
}

// mix is the finaliser of SplitMix64 (Steele, Lea & Flood 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
