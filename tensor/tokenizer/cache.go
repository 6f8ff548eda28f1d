package tokenizer

import (
	"hash/maphash"
	"sync/atomic"
)

const (
	cacheSlots = 1 << 14
	cachedWord = 32 // bytes; longer words are rare, and rarely repeated
)

// cache holds the tokens of recent words, one word a slot. Its content does not affect ids.
type cache struct {
	seed  maphash.Seed
	slots [cacheSlots]atomic.Pointer[cached]
}

type cached struct {
	word string
	ids  []int32
}

func newCache() *cache { return &cache{seed: maphash.MakeSeed()} }

func (c *cache) slot(word string) *atomic.Pointer[cached] {
	return &c.slots[maphash.String(c.seed, word)%cacheSlots]
}
