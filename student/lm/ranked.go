package lm

import (
	"context"
	"slices"

	"github.com/undertone-audit/undertone/tensor"
)

// RankedToken is a token that may stand at a position of a text.
type RankedToken struct {
	ID      int32
	LogProb float64 // nats, given the tokens before the position
	Rank    int     // tokens of the vocabulary that are at least as likely, itself included
}

// scoredPrompt is a prompt whose tokens are scored.
type scoredPrompt struct {
	ids  []int32
	from int // the first token to score
	top  int
	next func(logits []float32, norm float32) // sees the logits behind the last token; may be nil

	ranked [][]RankedToken // for each of ids; nil for those before from and for the first one
	memory []RankedToken   // of ranked; each position takes 1 + top
}

// scorePrompts ranks the tokens of prompts. The log-probabilities of the prompts' tokens have the
// bits of [Model.LogProbsOf], up to the rounding that the composition of batches causes.
func (m *Model) scorePrompts(ctx context.Context, prompts []*scoredPrompt) error {
	rows := make([]row, len(prompts))
	for i, p := range prompts {
		rows[i] = row{tokens: p.ids, size: len(p.ids)}
		if p.next != nil {
			rows[i].tokens = append(slices.Clip(p.ids), 0) // any token: it is only predicted
		}
		rows[i].learnt = []span{{from: p.from, to: len(rows[i].tokens)}}
	}
	return m.eachBatch(ctx, rows, func(tape *tensor.Tape, b *batch, picked []int) {
		wide := len(b.targets) / len(picked)
		m.net.EachLogits(tape, b.ids, b.targets, len(picked), func(target int, logits []float32, norm float32) {
			p, at := prompts[picked[target/wide]], target%wide+1
			if at == len(p.ids) {
				p.next(logits, norm)
			} else {
				p.ranked[at] = p.rank(logits, norm, p.ids[at])
			}
		})
	})
}

// rank is the function rank, in memory of the prompt.
func (p *scoredPrompt) rank(logits []float32, norm float32, id int32) []RankedToken {
	if p.memory == nil {
		p.memory = make([]RankedToken, (len(p.ids)-p.from)*(1+p.top))
	}
	ranked := appendRanked(p.memory[:0:1+p.top], logits, norm, id, p.top)
	p.memory = p.memory[1+p.top:]
	return ranked
}

// rank returns a token and the top most likely ones, without the token itself. Its log-probability
// is its logit minus norm.
func rank(logits []float32, norm float32, id int32, top int) []RankedToken {
	return appendRanked(make([]RankedToken, 0, 1+top), logits, norm, id, top)
}

// appendRanked appends what rank returns.
func appendRanked(ranked []RankedToken, logits []float32, norm float32, id int32, top int) []RankedToken {
	ranked = append(ranked, rankOf(logits, norm, id))
	for i, c := range largestOf(logits, top) {
		if c != id {
			ranked = append(ranked, RankedToken{ID: c, LogProb: float64(logits[c] - norm), Rank: i + 1})
		}
	}
	return ranked
}

// addRanked appends the tokens that are not in ranked yet.
func addRanked(ranked []RankedToken, logits []float32, norm float32, ids []int32) []RankedToken {
	for _, id := range ids {
		if !slices.ContainsFunc(ranked, func(r RankedToken) bool { return r.ID == id }) {
			ranked = append(ranked, rankOf(logits, norm, id))
		}
	}
	return ranked
}

// rankOf returns a token with its rank.
func rankOf(logits []float32, norm float32, id int32) RankedToken {
	own := logits[id]
	return RankedToken{ID: id, LogProb: float64(own - norm), Rank: len(logits) - tensor.CountLess(logits, own)}
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
