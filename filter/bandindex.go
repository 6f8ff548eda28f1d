package filter

import mathbits "math/bits"

// maxTexts is the largest number of texts of a [bandIndex].
const maxTexts = 1 << 30

// bandIndex holds the keys of the latest texts, one key per band, and finds a text that has the key
// of one of them in the same band. It takes about 16 bytes per key: the keys in a ring, and hash
// tables that refer to them.
type bandIndex struct {
	bands, limit int
	keys         []uint64 // [texts bands], a ring of up to limit texts
	next         int      // the text that add writes

	size  int      // slots per band, a power of 2, at least twice the number of texts
	slots []uint32 // [bands size]: in the bits of refs 1 + the latest text of the key, 0 for none; above, bits of the key
	refs  uint32
}

func newBandIndex(bands, limit int) *bandIndex {
	x := &bandIndex{bands: bands, limit: limit, refs: 1<<mathbits.Len(uint(limit)) - 1}
	x.grow(64)
	return x
}

// texts returns the number of texts that are held.
func (x *bandIndex) texts() int { return len(x.keys) / x.bands }

// has reports whether a text has one of the keys in the same band.
func (x *bandIndex) has(keys []uint64) bool {
	for b, key := range keys {
		if _, ok := x.find(b, key); ok {
			return true
		}
	}
	return false
}

// add holds one more text. If limit texts are held, it replaces the oldest.
func (x *bandIndex) add(keys []uint64) {
	if n := x.texts(); n == x.limit {
		x.remove(x.next)
		copy(x.keys[x.next*x.bands:], keys)
	} else {
		if n+1 > x.size/2 {
			x.grow(2 * x.size)
		}
		x.keys = append(x.keys, keys...)
	}
	x.refer(x.next)
	x.next = (x.next + 1) % x.limit
}

// refer lets the slots of a text's keys refer to it.
func (x *bandIndex) refer(text int) {
	for b, key := range x.keys[text*x.bands : (text+1)*x.bands] {
		at, _ := x.find(b, key)
		x.slots[b*x.size+at] = uint32(key>>32)&^x.refs | uint32(text+1)
	}
}

// find returns the slot of a key, or the empty slot for it.
func (x *bandIndex) find(band int, key uint64) (at int, ok bool) {
	slots, mark := x.slots[band*x.size:(band+1)*x.size], uint32(key>>32)&^x.refs
	for at = int(key) & (x.size - 1); ; at = (at + 1) & (x.size - 1) {
		switch s := slots[at]; {
		case s == 0:
			return at, false
		case s&^x.refs == mark && x.keyAt(band, s) == key:
			return at, true
		}
	}
}

// keyAt returns the key that a slot refers to.
func (x *bandIndex) keyAt(band int, slot uint32) uint64 {
	return x.keys[int(slot&x.refs-1)*x.bands+band]
}

// remove empties the slots that refer to a text.
func (x *bandIndex) remove(text int) {
	for b, key := range x.keys[text*x.bands : (text+1)*x.bands] {
		at, ok := x.find(b, key)
		if ok && x.slots[b*x.size+at]&x.refs == uint32(text+1) { // otherwise a later text has the key
			x.empty(b, at)
		}
	}
}

// empty empties a slot. The slots behind it move up to where find looks for their keys (Knuth, "The
// art of computer programming", volume 3, 6.4, algorithm R).
func (x *bandIndex) empty(band, at int) {
	slots, mask := x.slots[band*x.size:(band+1)*x.size], x.size-1
	for i := (at + 1) & mask; slots[i] != 0; i = (i + 1) & mask {
		home := int(x.keyAt(band, slots[i])) & mask
		if (i-home)&mask >= (i-at)&mask {
			slots[at], at = slots[i], i
		}
	}
	slots[at] = 0
}

// grow makes room for size/2 texts. No text was replaced yet.
func (x *bandIndex) grow(size int) {
	keys := make([]uint64, len(x.keys), min(x.limit, size/2)*x.bands)
	copy(keys, x.keys)
	x.keys, x.size, x.slots = keys, size, make([]uint32, x.bands*size)
	for text := range x.texts() {
		x.refer(text)
	}
}
