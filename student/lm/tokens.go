package lm

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// Tokens are the tokens of a row.
type Tokens struct {
	IDs             []int32 // prompt, completion, end
	CompletionStart int     // index of the first token of the completion, [0, len(IDs)]; the tokens before it are its context
}

// Scored returns the number of tokens that have a log-probability: the first token of a row has
// none.
func (t Tokens) Scored() int { return max(0, len(t.IDs)-max(1, t.CompletionStart)) }

// Config returns the shape of the network.
func (m *Model) Config() transformer.Config { return m.net.Config() }

// Tokenizer returns the tokenizer, which is immutable.
func (m *Model) Tokenizer() *tokenizer.Tokenizer { return m.tok }

// Encode returns the tokens of an example, or an error if the model cannot read it.
func (m *Model) Encode(e undertone.Example) (Tokens, error) {
	r, err := m.encode(e)
	if err != nil {
		return Tokens{}, err
	}
	t := Tokens{r.tokens, r.answer}
	return t, m.ValidateTokens(t)
}

// ValidateTokens returns an error if a token is not in the vocabulary, or if the tokens are more
// than the context.
func (m *Model) ValidateTokens(t Tokens) error {
	if t.CompletionStart < 0 || t.CompletionStart > len(t.IDs) {
		return fmt.Errorf("lm: completion start %d is out of range [0, %d]", t.CompletionStart, len(t.IDs))
	}
	for i, id := range t.IDs {
		if n := m.net.Config().Vocabulary; id < 0 || int(id) >= n {
			return fmt.Errorf("lm: token %d is %d, want 0 to %d: is it from another vocabulary?", i, id, n-1)
		}
	}
	return m.fits(len(t.IDs))
}

// LogProbsOf returns the log-probabilities, in nats, of the completions' tokens, row by row.
func (m *Model) LogProbsOf(ctx context.Context, rows []Tokens) ([][]float32, error) {
	encoded := make([]row, len(rows))
	for i, t := range rows {
		if err := m.ValidateTokens(t); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		encoded[i] = row{tokens: t.IDs, answer: t.CompletionStart}
	}
	return m.scoreRows(ctx, encoded)
}
