package lm

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// Tokens is a row as the model sees it.
type Tokens struct {
	IDs    []int32
	Answer int // index of the first token that counts; those before it are its context
}

// Scored returns how many tokens have a log-probability: the first of all has none.
func (t Tokens) Scored() int { return max(0, len(t.IDs)-max(1, t.Answer)) }

// Config returns the shape of the network.
func (m *Model) Config() transformer.Config { return m.net.Config() }

// Tokenizer returns the tokenizer, which does not change.
func (m *Model) Tokenizer() *tokenizer.Tokenizer { return m.tok }

// Encode returns the tokens of an example, or why the model cannot read it.
func (m *Model) Encode(e undertone.Example) (Tokens, error) {
	r, err := m.encode(e)
	if err != nil {
		return Tokens{}, err
	}
	t := Tokens{r.tokens, r.answer}
	return t, m.ValidateTokens(t)
}

// ValidateTokens returns an error if the tokens are not of the vocabulary or are more than the context.
func (m *Model) ValidateTokens(t Tokens) error {
	if t.Answer < 0 || t.Answer > len(t.IDs) {
		return fmt.Errorf("lm: token %d of %d is to be the first that counts", t.Answer, len(t.IDs))
	}
	for i, id := range t.IDs {
		if n := m.net.Config().Vocabulary; id < 0 || int(id) >= n {
			return fmt.Errorf("lm: token %d is %d, want 0 to %d: is it of another vocabulary?", i, id, n-1)
		}
	}
	return m.fits(len(t.IDs))
}

// LogProbsOf returns the log-probabilities of the tokens that count, row by row.
func (m *Model) LogProbsOf(ctx context.Context, rows []Tokens) ([][]float32, error) {
	encoded := make([]row, len(rows))
	for i, t := range rows {
		if err := m.ValidateTokens(t); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		encoded[i] = row{tokens: t.IDs, answer: t.Answer}
	}
	return m.scoreRows(ctx, encoded)
}
