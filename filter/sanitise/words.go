package sanitise

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"unicode"

	"github.com/undertone-audit/undertone"
)

// Span is the part [From, To) of a text, in bytes.
type Span struct{ From, To int }

// Of returns the part of text.
func (s Span) Of(text string) string { return text[s.From:s.To] }

// Words returns the words of a text in order, which are runs of letters, marks and digits.
func Words(text string) []Span {
	var words []Span
	inside := false
	for i, r := range text {
		if !unicode.In(r, unicode.Letter, unicode.Mark, unicode.Digit) {
			inside = false
			continue
		}
		if !inside {
			words = append(words, Span{From: i})
			inside = true
		}
		words[len(words)-1].To = i + len(string(r))
	}
	return words
}

// Positions holds indices of [Words] in completions, from 0, by the [OriginalID] of the row.
type Positions map[undertone.Digest][]int

// String identifies the positions by their digest.
func (p Positions) String() string {
	h := undertone.NewHasher("positions").Uint(uint64(len(p)))
	ids := slices.SortedFunc(maps.Keys(p), func(a, b undertone.Digest) int { return bytes.Compare(a[:], b[:]) })
	for _, id := range ids {
		h.Digest(id).Uint(uint64(len(p[id])))
		for _, at := range p[id] {
			h.Uint(uint64(at))
		}
	}
	return fmt.Sprintf("positions in %d rows, %s", len(p), h.Sum().Short())
}

// rewrite calls rewrite for each row that has positions, with its ID, its words, and its positions
// in ascending order without duplicates.
func (p Positions) rewrite(data *undertone.Dataset, rewrite func(row undertone.Example, id undertone.Digest, words []Span, at []int) (undertone.Example, error)) ([]undertone.Example, error) {
	out := data.Examples()
	for i, row := range data.All() {
		id, ok := OriginalID(row)
		if !ok {
			id = data.RowID(i)
		}
		at := slices.Compact(slices.Sorted(slices.Values(p[id])))
		if len(at) == 0 {
			continue
		}
		words := Words(row.Completion())
		if at[0] < 0 || at[len(at)-1] >= len(words) {
			return nil, fmt.Errorf("row %d (%s): positions %v are out of range for %d words", i+1, id.Short(), at, len(words))
		}
		var err error
		if out[i], err = rewrite(row, data.RowID(i), words, at); err != nil {
			return nil, fmt.Errorf("row %d (%s): %w", i+1, id.Short(), err)
		}
	}
	return out, nil
}
