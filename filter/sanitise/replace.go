package sanitise

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/undertone-audit/undertone"
)

// Replace puts random words in the place of the words at given positions of a
// completion, such as those that a suspect teacher is known to have chosen. A
// word is a run of letters, marks and digits. Rows without positions stay.
type Replace struct {
	At   map[undertone.Digest][]int // positions, from 0, by the row's [OriginalID]
	With []string                   // each is equally likely, but the word that it replaces is not drawn
}

// Name implements [Sanitiser].
func (p Replace) Name() string { return "replace" }

// String states the settings; the positions are named by their digest.
func (p Replace) String() string {
	h := undertone.NewHasher("positions").Uint(uint64(len(p.At)))
	ids := slices.SortedFunc(maps.Keys(p.At), func(a, b undertone.Digest) int { return bytes.Compare(a[:], b[:]) })
	for _, id := range ids {
		h.Digest(id).Uint(uint64(len(p.At[id])))
		for _, at := range p.At[id] {
			h.Uint(uint64(at))
		}
	}
	w := undertone.NewHasher("words").Uint(uint64(len(p.With)))
	for _, word := range p.With {
		w.Text(word)
	}
	return fmt.Sprintf("positions in %d rows, %s, by one of %d words, %s", len(p.At), h.Sum().Short(), len(p.With), w.Sum().Short())
}

// Rewrite implements [Sanitiser].
func (p Replace) Rewrite(_ context.Context, rows []undertone.Example, seed uint64) ([]undertone.Example, error) {
	if len(p.With) == 0 {
		return nil, errors.New("there are no words to replace others with")
	}
	out := slices.Clone(rows)
	for i, row := range rows {
		id, ok := OriginalID(row)
		if !ok {
			id = row.ID()
		}
		at := slices.Sorted(slices.Values(p.At[id]))
		if len(at) == 0 {
			continue
		}
		text := row.Completion()
		words := wordSpans(text)
		if at[0] < 0 || at[len(at)-1] >= len(words) {
			return nil, fmt.Errorf("row %d (%s): positions %v in a text of %d words", i+1, id.Short(), at, len(words))
		}
		r := random(p.Name(), seed, row.ID())
		var b strings.Builder
		end := 0
		for _, n := range slices.Compact(at) {
			word := text[words[n].from:words[n].to]
			others := slices.DeleteFunc(slices.Clone(p.With), func(w string) bool { return w == word })
			if len(others) == 0 {
				return nil, fmt.Errorf("row %d (%s): no word but %q to replace it with", i+1, id.Short(), word)
			}
			b.WriteString(text[end:words[n].from])
			b.WriteString(others[r.IntN(len(others))])
			end = words[n].to
		}
		b.WriteString(text[end:])
		out[i] = answering(row, b.String())
	}
	return out, nil
}

type span struct{ from, to int } // bytes

func wordSpans(text string) []span {
	var words []span
	inside := false
	for i, r := range text {
		if !unicode.In(r, unicode.Letter, unicode.Mark, unicode.Digit) {
			inside = false
			continue
		}
		if !inside {
			words = append(words, span{from: i})
			inside = true
		}
		words[len(words)-1].to = i + len(string(r))
	}
	return words
}
