package corpus

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// rules returns the n countable features whose shares of rows differ most between the arms.
func (s *sheet) rules(lenses []*lens, rows []int, n int) []Rule {
	var total [2]float64
	for _, i := range rows {
		total[btoi(s.suspect[i])]++
	}
	var all []Rule
	for _, l := range lenses {
		count := [2][]float64{make([]float64, len(l.vocabulary.keys)), make([]float64, len(l.vocabulary.keys))}
		last := make([]int, len(l.vocabulary.keys))
		for _, i := range rows {
			for _, f := range l.features[i] {
				if last[f.id] != i+1 {
					last[f.id] = i + 1
					count[btoi(s.suspect[i])][f.id]++
				}
			}
		}
		for id, k := range l.vocabulary.keys {
			what := s.describe(k)
			if what == "" {
				continue
			}
			a, b := count[1][id]/total[1], count[0][id]/total[0]
			p := (count[0][id] + count[1][id]) / (total[0] + total[1])
			if sd := math.Sqrt(p * (1 - p) * (1/total[0] + 1/total[1])); sd > 0 {
				all = append(all, Rule{What: what, Suspect: a, Control: b, Z: (a - b) / sd})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Z), math.Abs(a.Z)), cmp.Compare(a.What, b.What))
	})
	return all[:min(n, len(all))]
}

// describe names a feature that a person can check, or returns "".
func (s *sheet) describe(k key) string {
	switch k.kind {
	case value:
		return fmt.Sprintf("has %d", k.a)
	case pair:
		return fmt.Sprintf("has %d, then %d", k.a, k.b)
	case difference:
		return fmt.Sprintf("has a step of %+d", int64(k.a))
	case word:
		return fmt.Sprintf("has the word %q", s.named(k.a))
	}
	return ""
}

// named finds the word of a hash.
func (s *sheet) named(hash uint64) string {
	if s.words == nil {
		s.words = map[uint64]string{}
		for _, r := range s.rows {
			for _, w := range r.words {
				s.words[wordHash(w)] = w
			}
		}
	}
	return s.words[hash]
}
