package mlplm

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/internal/fit"
	"github.com/undertone-audit/undertone/tensor"
)

// Train implements [student.Student] for [undertone.Text]: it minimises the mean
// cross-entropy of the completions' tokens, the end token included, given
// their prompts. It runs on one goroutine.
func (m *Model) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	text, ok := data.(undertone.Text)
	if !ok {
		return nil, fmt.Errorf("mlplm: cannot learn from a %T, want rows of text", data)
	}
	rows, err := m.encode(text)
	if err != nil {
		return nil, err
	}
	learner := newModel(m.config, m.name, m.Lineage(), fit.Clone(m.params()))
	var windows, targets []int32
	err = fit.Run(ctx, learner.params(), data, recipe, func(tape *tensor.Tape, batch []int) (*tensor.Tensor, error) {
		windows, targets = windows[:0], targets[:0]
		for _, r := range batch {
			row := rows[r]
			for i := row.answer; i < len(row.tokens); i++ {
				windows = learner.window(windows, row.tokens[:i])
				targets = append(targets, row.tokens[i])
			}
		}
		return tape.CrossEntropy(learner.logits(tape, learner.table(tape), windows), targets), nil
	})
	if err != nil {
		return nil, fmt.Errorf("mlplm: %w", err)
	}
	return learner, nil
}

// maxRow bounds the tokens of a row to learn from: a step holds all tokens of a batch at once.
const maxRow = 1 << 13

// row is an encoded example: prompt, completion, end.
type row struct {
	tokens []int32
	answer int // index of the completion's first token
}

func (m *Model) encode(data undertone.Text) ([]row, error) {
	rows := make([]row, data.Len())
	for i := range rows {
		var err error
		if rows[i], err = m.encodeRow(data.Example(i)); err != nil {
			return nil, fmt.Errorf("row %d of %s: %w", i, data.Name(), err)
		}
		if n := len(rows[i].tokens); n > maxRow {
			return nil, fmt.Errorf("row %d of %s: mlplm: %d tokens, want at most %d", i, data.Name(), n, maxRow)
		}
	}
	return rows, nil
}

func (m *Model) encodeRow(e undertone.Example) (row, error) {
	prompt, err := m.config.Vocabulary.Encode(e.Prompt())
	if err != nil {
		return row{}, err
	}
	completion, err := m.config.Vocabulary.Encode(e.Completion())
	if err != nil {
		return row{}, err
	}
	return row{append(append(prompt, completion...), end), len(prompt)}, nil
}
