package sanitise

import (
	"bytes"
	"context"
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

// Positions holds indices of [Words] in completions, from 0, by the [OriginalID] of the row. Words
// in tool calls count, but cannot be rewritten.
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

// textWords are the words of one piece of a row, and those to rewrite.
type textWords struct {
	text  string
	words []Span
	at    []int // indices of words in ascending order, without duplicates
}

// rewrite calls rewrite for each row that has positions, with its ID and the words of its pieces.
// It sets the pieces to the texts that rewrite returns; nil drops the row.
func (p Positions) rewrite(ctx context.Context, data *undertone.Dataset, rewrite func(id undertone.Digest, pieces []textWords) ([]string, error)) ([]undertone.Example, error) {
	out := data.Examples()
	for i, row := range until(ctx, data) {
		id, ok := OriginalID(row)
		if !ok {
			id = data.RowID(i)
		}
		at := slices.Compact(slices.Sorted(slices.Values(p[id])))
		if len(at) == 0 {
			continue
		}
		pieces := row.Pieces()
		divided, err := divideWords(pieces, at)
		if err != nil {
			return nil, fmt.Errorf("row %d (%s): %w", i+1, id.Short(), err)
		}
		texts, err := rewrite(data.RowID(i), divided)
		switch {
		case err != nil:
			return nil, fmt.Errorf("row %d (%s): %w", i+1, id.Short(), err)
		case texts == nil:
			out[i].Messages = nil
		default:
			out[i] = setPieces(row, pieces, texts)
		}
	}
	return out, nil
}

// divideWords returns the words of each piece. The positions at count the words of all pieces.
func divideWords(pieces []undertone.Piece, at []int) ([]textWords, error) {
	divided := make([]textWords, len(pieces))
	first, all := 0, at
	for k, p := range pieces {
		words := Words(p.Text)
		divided[k] = textWords{text: p.Text, words: words}
		for len(at) > 0 && at[0] < first+len(words) {
			if at[0] < first {
				break // it is negative
			}
			if p.Field == undertone.Call {
				return nil, fmt.Errorf("position %d is in a tool call, which cannot be rewritten", at[0])
			}
			divided[k].at = append(divided[k].at, at[0]-first)
			at = at[1:]
		}
		first += len(words)
	}
	if len(at) > 0 {
		return nil, fmt.Errorf("positions %v are out of range for %d words", all, first)
	}
	return divided, nil
}
