package sanitise

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Replace replaces the words at given positions of a completion by random words; see [Words]. It
// does not change rows without positions.
type Replace struct {
	At   Positions
	With []string // each word is equally likely, except the word that is replaced
}

// Name implements [Sanitiser].
func (p Replace) Name() string { return "replace" }

// String states the settings. It identifies the positions by their digest.
func (p Replace) String() string {
	w := undertone.NewHasher("words").Uint(uint64(len(p.With)))
	for _, word := range p.With {
		w.Text(word)
	}
	return fmt.Sprintf("%s, by one of %d words, %s", p.At, len(p.With), w.Sum().Short())
}

// Rewrite implements [Sanitiser].
func (p Replace) Rewrite(ctx context.Context, data *undertone.Dataset, seed uint64) ([]undertone.Example, error) {
	if len(p.With) == 0 {
		return nil, errors.New("there are no words in With")
	}
	with := slices.Sorted(slices.Values(p.With))
	return p.At.rewrite(ctx, data, func(id undertone.Digest, pieces []textWords) (texts []string, err error) {
		r := random(p.Name(), seed, id)
		texts = make([]string, len(pieces))
		for i, piece := range pieces {
			if texts[i], err = replace(piece, with, r); err != nil {
				return nil, err
			}
		}
		return texts, nil
	})
}

// replace returns the text with other words.
func replace(p textWords, with []string, r *rand.Rand) (string, error) {
	var b strings.Builder
	end := 0
	for _, n := range p.at {
		word := p.words[n].Of(p.text)
		other, ok := otherThan(word, with, r)
		if !ok {
			return "", fmt.Errorf("the only replacement is the word itself, %q", word)
		}
		b.WriteString(p.text[end:p.words[n].From])
		b.WriteString(other)
		end = p.words[n].To
	}
	b.WriteString(p.text[end:])
	return b.String(), nil
}

// otherThan draws a word other than the given one from sorted words.
func otherThan(word string, sorted []string, r *rand.Rand) (string, bool) {
	from, _ := slices.BinarySearch(sorted, word)
	equal := sort.Search(len(sorted)-from, func(i int) bool { return sorted[from+i] != word })
	if equal == len(sorted) {
		return "", false
	}
	i := r.IntN(len(sorted) - equal)
	if i >= from {
		i += equal
	}
	return sorted[i], true
}
