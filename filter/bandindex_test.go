package filter

import (
	"math/rand/v2"
	"testing"
)

// The index answers as a list of the latest texts does, with keys that repeat and collide, while
// it grows and after texts were replaced.
func TestBandIndexIsAListOfTheLatestTexts(t *testing.T) {
	for _, limit := range []int{1, 2, 3, 31, 32, 33, 100, 1000} {
		const bands = 3
		random := rand.New(rand.NewPCG(1, uint64(limit)))
		key := func() uint64 { // few places of the table and few marks
			return random.Uint64N(uint64(limit)+3)<<32<<random.IntN(31) | random.Uint64N(7)
		}
		x, held := newBandIndex(bands, limit), [][]uint64{}
		for i := range 4*limit + 50 {
			keys := []uint64{key(), key(), key()}
			want := false
			for _, h := range held {
				for b := range keys {
					want = want || h[b] == keys[b]
				}
			}
			if got := x.has(keys); got != want {
				t.Fatalf("limit %d, text %d: has is %v, want %v", limit, i, got, want)
			}
			x.add(keys)
			if held = append(held, keys); len(held) > limit {
				held = held[1:]
			}
			if n := x.texts(); n != len(held) {
				t.Fatalf("limit %d, text %d: %d texts, want %d", limit, i, n, len(held))
			}
		}
		used := 0
		for _, s := range x.slots {
			if s != 0 {
				used++
			}
		}
		if used > bands*limit {
			t.Errorf("limit %d: %d slots are used, want at most %d", limit, used, bands*limit)
		}
	}
}

// ASCII texts have the form that the general rules give them.
func TestNormalASCII(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		b := make([]byte, random.IntN(12))
		for i := range b {
			b[i] = byte(random.IntN(128))
			if random.IntN(3) == 0 {
				b[i] = " \t\n\v\f\r\x1c\x1fAz"[random.IntN(10)]
			}
		}
		got, ok := normalASCII(string(b))
		if want := normalUnicode(string(b)); !ok || got != want {
			t.Fatalf("%q: %q, %v, want %q", b, got, ok, want)
		}
	}
	if _, ok := normalASCII("a\u0130"); ok {
		t.Error("a letter outside ASCII is ASCII")
	}
}
