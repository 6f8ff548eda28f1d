package mlplm

import (
	"context"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
)

// LogProb implements [undertone.LogProber]; the end token counts.
func (m *Model) LogProb(ctx context.Context, examples []undertone.Example) (scores []float64, err error) {
	defer tensor.Catch(&err)
	scores = make([]float64, len(examples))
	table := m.table(nil)
	tape := tensor.NewTape()
	for i, e := range examples {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := m.encodeRow(e)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		scores[i] = m.logProb(tape, table, r.tokens, r.answer)
	}
	return scores, nil
}

// Choices implements [undertone.Choices]: the probability that the completion
// begins with the answer. No answer may begin with another one.
func (m *Model) Choices(_ context.Context, prompt string, answers []string) (logs []float64, err error) {
	defer tensor.Catch(&err)
	asked, err := m.config.Vocabulary.Encode(prompt)
	if err != nil {
		return nil, err
	}
	encoded := make([][]int32, len(answers))
	for i, a := range answers {
		if encoded[i], err = m.config.Vocabulary.Encode(a); err != nil {
			return nil, err
		}
	}
	for i, a := range encoded {
		for j, b := range encoded {
			if i != j && len(a) <= len(b) && slices.Equal(a, b[:len(a)]) {
				return nil, fmt.Errorf("mlplm: answer %.40q begins with answer %.40q", answers[j], answers[i])
			}
		}
	}
	logs = make([]float64, len(answers))
	table := m.table(nil)
	tape := tensor.NewTape()
	for i, a := range encoded {
		logs[i] = m.logProb(tape, table, slices.Concat(asked, a), len(asked))
	}
	return logs, nil
}

// maxWindows is the number of tokens that are scored at once, a bound on memory.
const maxWindows = 512

// logProb returns the log-probability of tokens[from:] given tokens[:from], in nats.
func (m *Model) logProb(tape *tensor.Tape, table *tensor.Tensor, tokens []int32, from int) float64 {
	var sum float64
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
			sum += float64(logs.Row(i)[t])
		}
		from = to
	}
	return sum
}
