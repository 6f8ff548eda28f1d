package filter

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The automaton finds what looking for each pattern at each place finds.
func TestAutomatonFindsAll(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	text := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "aab b"[r.IntN(5)]
		}
		return string(b)
	}
	for round := range 500 {
		set := map[string]bool{}
		for range 1 + r.IntN(8) {
			if p := strings.Join(strings.Fields(text(1+r.IntN(6))), " "); p != "" {
				set[p] = true
			}
		}
		patterns := slices.Sorted(maps.Keys(set))
		haystack := text(60)
		var got, want []string
		newAutomaton(patterns, canonical, ' ').scan(haystack, func(p, end int) {
			got = append(got, fmt.Sprint(patterns[p], end))
		})
		for end := 1; end <= len(haystack); end++ {
			seen := strings.Join(strings.Fields("."+haystack[:end]+"."), " ")
			seen = seen[1 : len(seen)-1] // gaps made one, those at the ends kept
			for _, p := range slices.Backward(slices.SortedFunc(slices.Values(patterns), byLength)) {
				if strings.HasSuffix(seen, p) {
					want = append(want, fmt.Sprint(p, end))
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("round %d: %q in %q: got %q, want %q", round, patterns, haystack, got, want)
		}
	}
}

func byLength(a, b string) int { return len(a) - len(b) }

func TestAutomatonOfNothing(t *testing.T) {
	newAutomaton(nil, canonical, ' ').scan("anything", func(int, int) { t.Error("found a pattern, want none") })
}

func BenchmarkNewAutomaton(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 500)
	for i := range words {
		word := make([]byte, 4+r.IntN(9))
		for j := range word {
			word[j] = byte('a' + r.IntN(26))
		}
		words[i] = string(word)
	}
	b.ReportAllocs()
	for b.Loop() {
		newAutomaton(words, canonical, ' ')
	}
}
