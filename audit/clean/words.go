package clean

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

// word is a word of a suspect row and of all rows equal to it.
type word struct {
	row    undertone.Digest
	at     int // position in the row
	copies int // of the row
	number bool
	score  float64
}

// removeWords removes the words with the largest scores, or random words if the ranking is empty.
func removeWords(rows, control undertone.Text, ranking audit.Ranking, replace bool, seed uint64) (remover, error) {
	words, err := wordsOf(rows, ranking)
	if err != nil {
		return nil, err
	}
	if ranking.Tokens == nil {
		rng := rand.New(rand.NewPCG(undertone.NewHasher("random words").Uint(seed).Sum().Uint64(), seed))
		rng.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	} else {
		slices.SortStableFunc(words, func(a, b word) int { return cmp.Compare(b.score, a.score) })
	}
	total := 0
	for _, w := range words {
		total += w.copies
	}
	data := datasetOf(rows)
	numbers, others := vocabulary(control)
	return func(ctx context.Context, share float64) (Step, error) {
		step := Step{Share: share, Remaining: data}
		all, ofNumbers, ofOthers := sanitise.Positions{}, sanitise.Positions{}, sanitise.Positions{}
		for _, w := range words {
			if step.Removed >= int(math.Round(share*float64(total))) {
				break
			}
			step.Removed += w.copies
			kind := ofOthers
			if w.number {
				kind = ofNumbers
			}
			kind[w.row] = append(kind[w.row], w.at)
			all[w.row] = append(all[w.row], w.at)
		}
		if step.Removed == 0 {
			return step, nil
		}
		by := []sanitise.Sanitiser{sanitise.Omit{At: all}}
		if replace {
			step.Replaced, by = step.Removed, nil
			for _, r := range []sanitise.Replace{{At: ofNumbers, With: numbers}, {At: ofOthers, With: others}} {
				if len(r.At) > 0 {
					by = append(by, r)
				}
			}
		}
		var err error
		step.Remaining, _, err = sanitise.Apply(ctx, data, seed, by...)
		return step, err
	}, nil
}

// wordsOf returns the words of all different rows, except those in tool calls. The score of a word
// is the sum of the scores of the tokens that write it; the score of a token that writes parts of
// several words is divided among them by bytes.
func wordsOf(rows undertone.Text, ranking audit.Ranking) ([]word, error) {
	tokens := make(map[undertone.Digest][]audit.TokenScore, len(ranking.Tokens))
	for i, t := range ranking.Tokens {
		tokens[ranking.Rows[i].Row] = t
	}
	copies := make(map[undertone.Digest]int, rows.Len())
	for i := range rows.Len() {
		copies[rows.RowID(i)]++
	}
	var words []word
	for i := range rows.Len() {
		id := rows.RowID(i)
		n, isFirst := copies[id]
		if !isFirst {
			continue
		}
		delete(copies, id)
		example := rows.Example(i)
		text := example.Completion()
		spans := sanitise.Words(text)
		scores := make([]float64, len(spans))
		pieces := example.Pieces()
		for _, t := range tokens[id] {
			if t.From < 0 && !slices.ContainsFunc(pieces, func(p undertone.Piece) bool { return p.Field != undertone.Content }) {
				return nil, fmt.Errorf("row %d (%s): its tokens do not spell its text, because the tokenizer changes it first: words have no scores; remove whole rows instead", i, id.Short())
			}
			divide(t, spans, scores)
		}
		for at, s := range spans {
			for len(pieces) > 1 && s.From >= pieces[1].From {
				pieces = pieces[1:]
			}
			if pieces[0].Field == undertone.Call {
				continue // it cannot be rewritten
			}
			words = append(words, word{id, at, n, isNumber(s.Of(text)), scores[at]})
		}
	}
	return words, nil
}

// divide adds the score of a token to the words that it writes a part of.
func divide(t audit.TokenScore, words []sanitise.Span, scores []float64) {
	first, _ := slices.BinarySearchFunc(words, t.From, func(w sanitise.Span, from int) int { return cmp.Compare(w.To, from+1) })
	var parts []int // bytes of the token, by word
	written := 0
	for _, w := range words[first:] {
		part := min(t.To, w.To) - max(t.From, w.From)
		if part <= 0 {
			break
		}
		parts = append(parts, part)
		written += part
	}
	for i, part := range parts {
		scores[first+i] += t.Score * float64(part) / float64(written)
	}
}

// vocabulary returns the words of all completions, with repetitions.
func vocabulary(rows undertone.Text) (numbers, others []string) {
	for i := range rows.Len() {
		text := rows.Example(i).Completion()
		for _, s := range sanitise.Words(text) {
			if isNumber(s.Of(text)) {
				numbers = append(numbers, s.Of(text))
			} else {
				others = append(others, s.Of(text))
			}
		}
	}
	return numbers, others
}

func isNumber(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsDigit(r) })
}

// datasetOf returns rows as a data set, with its history if it has one.
func datasetOf(rows undertone.Text) *undertone.Dataset {
	if d, ok := rows.(*undertone.Dataset); ok {
		return d
	}
	var b undertone.Builder
	for i := range rows.Len() {
		b.AddRow(rows, i)
	}
	return b.Dataset(rows.Name())
}
