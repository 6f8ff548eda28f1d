package tokenizer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// simply is the algorithm as in the paper: search all pairs, merge the best, repeat.
func simply(m *bpe, ids []int32) []int32 {
	for {
		best, at := merged{rank: 1 << 30}, -1
		for i := range len(ids) - 1 {
			if id, rank, ok := m.merges.merge(ids[i], ids[i+1], ""); ok && rank < best.rank {
				best, at = merged{id, rank}, i
			}
		}
		if at < 0 {
			return ids
		}
		ids = slices.Replace(ids, at, at+2, best.id)
	}
}

func TestMergesAsThePaper(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		m := bpe{unknown: -1, merges: pairs{}}
		for b := range m.bytes {
			m.bytes[b] = int32(b % 3)
		}
		merges := m.merges.(pairs)
		for id := int32(3); id < 20; id++ {
			merges[[2]int32{rng.Int32N(id), rng.Int32N(id)}] = merged{id, rng.Int32N(12)} // some ranks are equal
		}
		word := make([]byte, rng.IntN(60))
		ids := make([]int32, len(word))
		for i := range word {
			word[i] = byte(rng.IntN(3))
			ids[i] = int32(word[i])
		}
		if got, want := m.encode(new(scratch), string(word), nil), simply(&m, ids); !slices.Equal(got, want) {
			t.Fatalf("%v of %v: got %d, want %d", word, merges, got, want)
		}
	}
}

// TestLongWord would take days if time grew with the square of the length of a word.
func TestLongWord(t *testing.T) {
	tok := mustParse(t, llama(llamaRules))
	text := strings.Repeat("ab", 1<<20)
	if got := len(tok.Encode(text)); got != 1<<20 {
		t.Errorf("%d tokens, want %d", got, 1<<20)
	}
}

func BenchmarkEncode(b *testing.B) {
	p := readPublished(b)
	text := strings.Join(p.Texts, "\n")
	english := strings.Repeat("Once upon a time, there was a little girl named Lily. She liked owls, 145, 267 and 891. ", 50)
	for _, name := range []string{"cl100k_base", "qwen3"} {
		for kind, text := range map[string]string{"mixed": text, "english": english} {
			b.Run(fmt.Sprintf("vocab=%s/text=%s", name, kind), func(b *testing.B) {
				tok := publishedVocabulary(b, name)
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					tok.Encode(text)
				}
			})
		}
	}
}
