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

// LogProb implements [undertone.LogProber]: the token that ends the completion counts. The
// probability is that of these tokens; a text may have others, each far less likely. Rows of
// like length are read together, which changes their scores by rounding alone.
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

// TokenLogProbs implements [undertone.TokenLogProber]. A token that writes a part of a character has
// that part's bytes, and one of characters that the vocabulary has not has theirs. No bytes are known of a completion
// of which the tokens spell less than half.
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
		starts := m.starts(r, data.Example(from+i).Completion())
		for j, log := range logs[i] {
			at := len(r.tokens) - len(logs[i]) + j
			t := undertone.TokenLogProb{ID: r.tokens[at], Token: m.tok.Token(r.tokens[at]), From: -1, To: -1, LogProb: float64(log)}
			if starts != nil {
				t.From, t.To = starts[at-r.answer], starts[at-r.answer+1]
			}
			all[i] = append(all[i], t)
		}
	}
	return all, nil
}

// score returns the encodings of rows [from, to) and the log-probabilities of their completions'
// tokens. A first token that nothing stands before has none.
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

// scoreRows is score of rows that are encoded and fit.
func (m *Model) scoreRows(ctx context.Context, rows []row) (logs [][]float32, err error) {
	defer tensor.Catch(&err)
	logs = make([][]float32, len(rows))
	batches := m.alike(rows)
	shard.Each(len(batches), func(i int) {
		if ctx.Err() != nil {
			return
		}
		tape := tapes.Get().(*tensor.Tape)
		defer tapes.Put(tape)
		tape.Reset()
		var b batch
		b.fill(rows, batches[i])
		all := m.net.LogProbs(tape, b.ids, b.targets, len(batches[i]))
		wide := len(b.targets) / len(batches[i])
		for at, r := range batches[i] {
			from := max(rows[r].answer-1, 0)
			logs[r] = slices.Clone(all[at*wide+from : at*wide+max(len(rows[r].tokens)-1, from)])
		}
	})
	return logs, ctx.Err()
}

// tapes are kept from call to call: rows are scored a few at a time.
var tapes = sync.Pool{New: func() any { return tensor.NewTape() }}

// alike divides the rows that have something to score between batches of like length, whose
// tokens fit the memory that is meant for them.
func (m *Model) alike(rows []row) [][]int {
	var order []int
	for i, r := range rows {
		if len(r.tokens) > max(1, r.answer) {
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

// evaluationBytes is about how much memory hidden states take on each processor.
const evaluationBytes = 32 << 20

// tokensAtOnce returns how many tokens are read at a time: a tape holds the results of all layers.
// It does not depend on the machine, as what is computed together is part of the rounding.
func (m *Model) tokensAtOnce() int {
	c := m.net.Config()
	wide := c.Heads * c.HeadDim
	each := 4 * (c.Layers*(6*c.Dim+4*wide+6*c.KVHeads*c.HeadDim+4*c.Hidden) + 4*c.Dim) // bytes
	return min(max(evaluationBytes/each, 64), 1<<12)
}

// batch is rows of one length, shorter ones filled up at their ends.
type batch struct {
	ids     []int32 // [rows tokens]: all but the last one of each row
	targets []int32 // [rows tokens]: what comes next, Ignore outside the completions
	rows    int
	counted int // targets that are not Ignore
}

// fill makes the batch of the rows that are picked.
func (b *batch) fill(rows []row, picked []int) {
	wide := 1
	for _, r := range picked {
		wide = max(wide, len(rows[r].tokens)-1)
	}
	b.ids, b.targets, b.rows, b.counted = b.ids[:0], b.targets[:0], len(picked), 0
	for _, r := range picked {
		tokens := rows[r].tokens
		for i := range wide {
			id, target := int32(0), int32(tensor.Ignore)
			if i < len(tokens) {
				id = tokens[i]
			}
			if i+1 < len(tokens) && i+1 >= rows[r].answer {
				target = tokens[i+1]
				b.counted++
			}
			b.ids, b.targets = append(b.ids, id), append(b.targets, target)
		}
	}
}
