package corpus

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// featureShares returns the n countable features whose shares of the given rows differ most between
// the arms.
func (m *designMatrix) featureShares(channels []*featureChannel, rows []int, n int) []FeatureShare {
	var total [2]float64
	for _, i := range rows {
		total[btoi(m.suspect[i])]++
	}
	var all []FeatureShare
	for _, c := range channels {
		count := m.rowCounts(c, rows)
		for id, k := range c.vocabulary.keys {
			name := m.describe(k)
			if name == "" {
				continue
			}
			a, b := count[1][id]/total[1], count[0][id]/total[0]
			p := (count[0][id] + count[1][id]) / (total[0] + total[1])
			if sd := math.Sqrt(p * (1 - p) * (1/total[0] + 1/total[1])); sd > 0 {
				all = append(all, FeatureShare{Feature: name, Suspect: a, Control: b, Z: (a - b) / sd})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b FeatureShare) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Z), math.Abs(a.Z)), cmp.Compare(a.Feature, b.Feature))
	})
	return all[:min(n, len(all))]
}

// rowCounts returns the number of rows of each arm that have each feature.
func (m *designMatrix) rowCounts(c *featureChannel, rows []int) [2][]float64 {
	count := [2][]float64{make([]float64, len(c.vocabulary.keys)), make([]float64, len(c.vocabulary.keys))}
	last := make([]int, len(c.vocabulary.keys)) // last row with the feature, plus 1
	for _, i := range rows {
		for _, f := range c.features[i] {
			if last[f.id] != i+1 {
				last[f.id] = i + 1
				count[btoi(m.suspect[i])][f.id]++
			}
		}
	}
	return count
}

// describe names a feature that a person can check, or returns "".
func (m *designMatrix) describe(k key) string {
	switch k.kind {
	case value:
		return fmt.Sprintf("has %d", k.a)
	case pair:
		return fmt.Sprintf("has %d, then %d", k.a, k.b)
	case difference:
		return fmt.Sprintf("has a step of %+d", int64(k.a))
	case word:
		return fmt.Sprintf("has the word %q", m.word(k.a))
	}
	return ""
}

// word returns the word with a hash.
func (m *designMatrix) word(hash uint64) string {
	if m.words == nil {
		m.words = map[uint64]string{}
		for _, r := range m.rows {
			for _, w := range r.words {
				m.words[wordHash(w)] = w
			}
		}
	}
	return m.words[hash]
}
