package nplm

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/internal/encoded"
	"github.com/undertone-audit/undertone/tensor"
)

// LogProb implements [undertone.LogProber]. The end token is part of the completion.
func (m *Model) LogProb(ctx context.Context, examples []undertone.Example) ([]float64, error) {
	return m.LogProbRows(ctx, undertone.NewDataset("", examples), 0, len(examples))
}

// LogProbRows implements [undertone.RowLogProber].
func (m *Model) LogProbRows(ctx context.Context, data undertone.Text, from, to int) ([]float64, error) {
	scores := make([]float64, 0, max(0, to-from))
	err := m.score(ctx, data, from, to, func(_ int, _ row, logs []float64) error {
		sum := 0.0
		for _, l := range logs {
			sum += l
		}
		scores = append(scores, sum)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return scores, nil
}

// TokenLogProbs implements [undertone.TokenLogProber].
func (m *Model) TokenLogProbs(ctx context.Context, examples []undertone.Example) ([][]undertone.TokenLogProb, error) {
	return m.TokenLogProbRows(ctx, undertone.NewDataset("", examples), 0, len(examples))
}

// TokenLogProbRows implements [undertone.RowTokenLogProber].
func (m *Model) TokenLogProbRows(ctx context.Context, data undertone.Text, from, to int) ([][]undertone.TokenLogProb, error) {
	all := make([][]undertone.TokenLogProb, 0, max(0, to-from))
	err := m.score(ctx, data, from, to, func(i int, r row, logs []float64) error {
		example, err := undertone.ReadExample(data, i)
		if err != nil {
			return err
		}
		completion, pieces := example.Completion(), example.Pieces()
		tokens := make([]undertone.TokenLogProb, 0, len(logs))
		for _, s := range r.learnt {
			at := start(pieces, s.message)
			for _, id := range r.tokens[s.from:s.to] {
				spelling := m.config.Vocabulary.spelling[id]
				at += strings.Index(completion[at:], spelling) // after spaces
				tokens = append(tokens, undertone.TokenLogProb{ID: id, Token: spelling, From: at, To: at + len(spelling), LogProb: logs[len(tokens)]})
				at += len(spelling)
			}
		}
		all = append(all, tokens)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// start returns the first byte of a message's text in the completion that consists of the pieces.
func start(pieces []undertone.Piece, message int) int {
	end := 0
	for _, p := range pieces {
		if p.Message >= message {
			return p.From
		}
		end = p.From + len(p.Text)
	}
	return end
}

// score calls use with each row of [from, to) and the log-probabilities of its completion's tokens,
// in nats.
func (m *Model) score(ctx context.Context, data undertone.Text, from, to int, use func(int, row, []float64) error) (err error) {
	defer tensor.Catch(&err)
	if from < 0 || from > to || to > data.Len() {
		return fmt.Errorf("nplm: rows [%d, %d) are out of range [0, %d)", from, to, data.Len())
	}
	encoder := m.encoder()
	table := m.table(nil)
	tape := tensor.NewTape()
	for i := from; i < to; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := encoder.Row(data, i)
		if err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
		logs := make([]float64, 0, r.scored())
		for _, s := range r.learnt {
			logs = append(logs, m.logProbs(tape, table, r.tokens[:s.to], s.from)...)
		}
		if err := use(i, r, logs); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

// ChoiceLogProbs implements [undertone.ChoiceScorer]: the log-probability, in nats, that the
// completion begins with the answer. No answer may begin with the tokens of another one.
func (m *Model) ChoiceLogProbs(ctx context.Context, prompt string, answers []string) (logs []float64, err error) {
	defer tensor.Catch(&err)
	asked, err := m.config.Vocabulary.Encode(prompt)
	if err != nil {
		return nil, err
	}
	tokens := make([][]int32, len(answers))
	for i, a := range answers {
		if tokens[i], err = m.config.Vocabulary.Encode(a); err != nil {
			return nil, err
		}
	}
	if p, w, ok := encoded.FindPrefix(tokens); ok {
		return nil, fmt.Errorf("nplm: choices: answer %.40q begins with the tokens of answer %.40q", answers[w], answers[p])
	}
	logs = make([]float64, len(answers))
	table := m.table(nil)
	tape := tensor.NewTape()
	for i, a := range tokens {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, l := range m.logProbs(tape, table, slices.Concat(asked, a), len(asked)) {
			logs[i] += l
		}
	}
	return logs, nil
}

// maxWindows is the number of tokens that are scored at once, a limit of memory.
const maxWindows = 512

// logProbs returns the log-probability of each of tokens[from:] given the tokens before it, in
// nats.
func (m *Model) logProbs(tape *tensor.Tape, table *tensor.Tensor, tokens []int32, from int) []float64 {
	scores := make([]float64, 0, len(tokens)-from)
	var windows []int32
	for from < len(tokens) {
		to := min(from+maxWindows, len(tokens))
		windows = windows[:0]
		for i := from; i < to; i++ {
			windows = m.window(windows, tokens[:i])
		}
		tape.Reset()
		logs := tape.LogSoftmax(m.logits(tape, table, windows))
		for i, t := range tokens[from:to] {
			scores = append(scores, float64(logs.Row(i)[t]))
		}
		from = to
	}
	return scores
}
