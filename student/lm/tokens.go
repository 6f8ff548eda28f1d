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
	IDs    []int32
	Learnt []TokenRange // the tokens that are learnt and scored, first to last
	Cut    bool         // tokens of the row are missing, because it is longer than the context
}

// TokenRange is the tokens [From, To) of a row.
type TokenRange struct{ From, To int }

// Scored returns the number of learnt tokens that have a log-probability: the first token of a row
// has none.
func (t Tokens) Scored() int { return t.row().scored() }

func (t Tokens) row() row {
	r := row{tokens: t.IDs, size: len(t.IDs)}
	for _, l := range t.Learnt {
		r.learnt = append(r.learnt, span{from: l.From, to: l.To, message: -1})
	}
	return r
}

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
	t := Tokens{IDs: r.tokens, Cut: r.size > len(r.tokens)}
	for _, s := range r.learnt {
		t.Learnt = append(t.Learnt, TokenRange{s.from, s.to})
	}
	return t, m.ValidateTokens(t)
}

// ValidateTokens returns an error if a token is not in the vocabulary, if the tokens are more than
// the context, or if the learnt ranges are not ranges of them in ascending order.
func (m *Model) ValidateTokens(t Tokens) error {
	from := 0
	for _, l := range t.Learnt {
		if l.From < from || l.To < l.From || l.To > len(t.IDs) {
			return fmt.Errorf("lm: the learnt tokens [%d, %d) are out of range [%d, %d)", l.From, l.To, from, len(t.IDs))
		}
		from = l.To
	}
	if err := m.known(t.IDs); err != nil {
		return err
	}
	return m.fits(len(t.IDs))
}

// known returns an error if a token is not in the vocabulary.
func (m *Model) known(ids []int32) error {
	n := m.net.Config().Vocabulary // a copy of the whole configuration
	for i, id := range ids {
		if id < 0 || int(id) >= n {
			return fmt.Errorf("lm: token %d is %d, want 0 to %d: is it from another vocabulary?", i, id, n-1)
		}
	}
	return nil
}

// LogProbsOf returns the log-probabilities, in nats, of the completions' tokens, row by row.
func (m *Model) LogProbsOf(ctx context.Context, rows []Tokens) ([][]float32, error) {
	encoded := make([]row, len(rows))
	for i, t := range rows {
		if err := m.ValidateTokens(t); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		encoded[i] = t.row()
	}
	return m.scoreRows(ctx, encoded)
}
