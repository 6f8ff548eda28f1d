package lm

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone/tensor"
)

// RankedToken is a token that may stand at a position of a text.
type RankedToken struct {
	ID      int32
	LogProb float64 // nats, given the tokens before the position
	Rank    int     // tokens of the vocabulary that are at least as likely, itself included
}

// RankedLogProbs returns, for every token of each row, the token itself and then the top most
// likely tokens of its position, in descending order, without the token itself. The first token
// of a row has none: its entry is nil. The log-probabilities of the rows' tokens have the bits of
// [Model.LogProbsOf] for the same rows.
func (m *Model) RankedLogProbs(ctx context.Context, rows [][]int32, top int) ([][][]RankedToken, error) {
	encoded := make([]row, len(rows))
	for i, ids := range rows {
		t := Tokens{IDs: ids, Learnt: []TokenRange{{0, len(ids)}}}
		if err := m.ValidateTokens(t); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		encoded[i] = t.row()
	}
	all := make([][][]RankedToken, len(rows))
	for i, ids := range rows {
		all[i] = make([][]RankedToken, len(ids))
	}
	err := m.eachBatch(ctx, encoded, func(tape *tensor.Tape, b *batch, picked []int) {
		wide := len(b.targets) / len(picked)
		m.net.EachLogits(tape, b.ids, b.targets, len(picked), func(at int, logits []float32, norm float32) {
			r := picked[at/wide]
			all[r][at%wide+1] = rank(logits, norm, b.targets[at], top)
		})
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// rank returns a token and the top most likely ones, without the token itself. Its log-probability
// is its logit minus norm.
func rank(logits []float32, norm float32, id int32, top int) []RankedToken {
	ranked := append(make([]RankedToken, 0, 1+top), rankOf(logits, norm, id))
	for i, c := range largestOf(logits, top) {
		if c != id {
			ranked = append(ranked, RankedToken{ID: c, LogProb: float64(logits[c] - norm), Rank: i + 1})
		}
	}
	return ranked
}

// rankOf returns a token with its rank.
func rankOf(logits []float32, norm float32, id int32) RankedToken {
	own, less := logits[id], uint32(0)
	for _, l := range logits {
		less += math.Float32bits(l-own) >> 31 // the sign: without a branch, because the order is random
	}
	return RankedToken{ID: id, LogProb: float64(own - norm), Rank: len(logits) - int(less)}
}

// largestOf returns the indices of the n largest numbers, in descending order. Of equal numbers the
// first one precedes.
func largestOf(row []float32, n int) []int32 {
	n = min(n, len(row))
	if n == 0 {
		return nil
	}
	best := make([]int32, 0, n+1)
	for i, v := range row {
		if len(best) == n && !(v > row[best[n-1]]) {
			continue
		}
		at := len(best)
		for at > 0 && v > row[best[at-1]] {
			at--
		}
		best = slices.Insert(best, at, int32(i))
		best = best[:min(len(best), n)]
	}
	return best
}
