package lm

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/shard"
)

// LogProb implements [undertone.LogProber]. The token that ends the completion is part of it. The
// probability is that of one tokenization, the tokenizer's; other tokenizations of a text are far
// less likely. Rows of similar length are scored together, which changes scores by rounding only.
func (m *Model) LogProb(ctx context.Context, examples []undertone.Example) ([]float64, error) {
	return m.LogProbRows(ctx, undertone.NewDataset("", examples), 0, len(examples))
}

// LogProbRows implements [undertone.RowLogProber].
func (m *Model) LogProbRows(ctx context.Context, data undertone.Text, from, to int) ([]float64, error) {
	_, logs, err := m.score(ctx, data, from, to)
	if err != nil {
		return nil, err
	}
	sums := make([]float64, len(logs))
	for i, row := range logs {
		for _, l := range row {
			sums[i] += float64(l)
		}
	}
	return sums, nil
}

// TokenLogProbs implements [undertone.TokenLogProber]. A token of a part of a character has the
// bytes of that part; a token of characters that are not in the vocabulary has their bytes. The
// bytes are unknown if the tokens spell less than half of the completion.
func (m *Model) TokenLogProbs(ctx context.Context, examples []undertone.Example) ([][]undertone.TokenLogProb, error) {
	return m.TokenLogProbRows(ctx, undertone.NewDataset("", examples), 0, len(examples))
}

// TokenLogProbRows implements [undertone.RowTokenLogProber].
func (m *Model) TokenLogProbRows(ctx context.Context, data undertone.Text, from, to int) ([][]undertone.TokenLogProb, error) {
	rows, logs, err := m.score(ctx, data, from, to)
	if err != nil {
		return nil, err
	}
	all := make([][]undertone.TokenLogProb, len(rows))
	for i, r := range rows {
		example, err := undertone.ReadExample(data, from+i)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", from+i, err)
		}
		ranges := m.ranges(r, example)
		for _, s := range r.learnt {
			for at := max(1, s.from); at < s.to; at++ {
				id, j := r.tokens[at], len(all[i])
				all[i] = append(all[i], undertone.TokenLogProb{
					ID: id, Token: m.tok.Token(id), From: ranges[j][0], To: ranges[j][1], LogProb: float64(logs[i][j]),
				})
			}
		}
	}
	return all, nil
}

// score returns the encodings of rows [from, to) and the log-probabilities of their completions'
// tokens, in nats. The first token of a row has none if nothing precedes it. A row without learnt
// turns has no tokens.
func (m *Model) score(ctx context.Context, data undertone.Text, from, to int) (rows []row, logs [][]float32, err error) {
	if from < 0 || from > to || to > data.Len() {
		return nil, nil, fmt.Errorf("lm: rows [%d, %d) are out of range [0, %d)", from, to, data.Len())
	}
	encoder := m.encoder()
	rows = make([]row, to-from)
	for i := range rows {
		rows[i], err = encoder.Row(data, from+i)
		if err == nil {
			err = m.fits(len(rows[i].tokens))
		}
		if err != nil {
			return nil, nil, fmt.Errorf("row %d: %w", from+i, err)
		}
	}
	logs, err = m.scoreRows(ctx, rows)
	return rows, logs, err
}

// scoreRows is score for rows that are encoded and fit the context.
func (m *Model) scoreRows(ctx context.Context, rows []row) (logs [][]float32, err error) {
	logs = make([][]float32, len(rows))
	err = m.eachBatch(ctx, rows, func(tape *tensor.Tape, b *batch, picked []int) {
		all := m.net.LogProbs(tape, b.ids, b.targets, len(picked))
		wide := len(b.targets) / len(picked)
		for at, r := range picked {
			logs[r] = make([]float32, 0, rows[r].scored())
			for _, s := range rows[r].learnt {
				if from := max(1, s.from); from < s.to { // the model predicts token i where it reads token i-1
					logs[r] = append(logs[r], all[at*wide+from-1:at*wide+s.to-1]...)
				}
			}
		}
	})
	return logs, err
}

// eachBatch calls score, from several goroutines, with batches of the rows that have a token to
// score, until ctx is done.
func (m *Model) eachBatch(ctx context.Context, rows []row, score func(tape *tensor.Tape, b *batch, picked []int)) (err error) {
	defer tensor.Catch(&err)
	batches := m.batches(rows)
	shard.Each(len(batches), func(i int) {
		if ctx.Err() != nil {
			return
		}
		tape := tapes.Get().(*tensor.Tape)
		defer tapes.Put(tape)
		tape.Reset()
		var b batch
		b.fill(rows, batches[i])
		score(tape, &b, batches[i])
	})
	return ctx.Err()
}

// tapes keeps tapes from call to call, because a call scores a few rows.
var tapes = sync.Pool{New: func() any { return tensor.NewTape() }}

// batches divides the rows that have a token to score into batches of similar length whose tokens
// fit the memory.
func (m *Model) batches(rows []row) [][]int {
	var order []int
	for i, r := range rows {
		if r.scored() > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(rows[a].tokens), len(rows[b].tokens)) })
	most := m.tokensAtOnce()
	var batches [][]int
	for len(order) > 0 {
		n := 1
		for n < len(order) && (n+1)*len(rows[order[n]].tokens) <= most {
			n++
		}
		batches = append(batches, order[:n])
		order = order[n:]
	}
	return batches
}

// evaluationBytes is the approximate memory for hidden states on each core.
const evaluationBytes = 32 << 20

// tokensAtOnce returns the number of tokens that are read at a time: a tape holds the results of
// all layers. It does not depend on the machine, because what is computed together affects
// rounding.
func (m *Model) tokensAtOnce() int {
	c := m.net.Config()
	wide := c.Heads * c.HeadDim
	each := 4 * (c.Layers*(6*c.Dim+4*wide+6*c.KVHeads*c.HeadDim+4*c.Hidden) + 4*c.Dim) // bytes
	return min(max(evaluationBytes/each, 64), 1<<12)
}

// batch is rows padded to one length.
type batch struct {
	ids     []int32 // [rows tokens]: all but the last token of each row
	targets []int32 // [rows tokens]: the next token, Ignore outside the completions
	rows    int
	scored  int // targets that are not Ignore
}

// fill makes the batch of the picked rows.
func (b *batch) fill(rows []row, picked []int) {
	wide := 1
	for _, r := range picked {
		wide = max(wide, len(rows[r].tokens)-1)
	}
	b.ids, b.targets, b.rows, b.scored = b.ids[:0], b.targets[:0], len(picked), 0
	for _, r := range picked {
		tokens, row := rows[r].tokens, len(b.ids)
		b.ids = append(b.ids, tokens[:min(wide, len(tokens))]...)
		for len(b.ids) < row+wide {
			b.ids = append(b.ids, 0)
		}
		for range wide {
			b.targets = append(b.targets, tensor.Ignore)
		}
		for _, s := range rows[r].learnt {
			if from := max(1, s.from); from < s.to { // the model predicts token i where it reads token i-1
				b.scored += copy(b.targets[row+from-1:], tokens[from:s.to])
			}
		}
	}
}
