package nplm

import (
	"context"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/internal/encoded"
)

// row is an encoded example: prompt, completion, end.
type row struct {
	tokens []int32
	answer int // index of the completion's first token
}

// EncodeRows implements [undertone.RowEncoder].
func (m *Model) EncodeRows(ctx context.Context, rows undertone.Text) (undertone.Text, error) {
	return m.encoder().Keep(ctx, rows)
}

// encoder encodes rows under a key of the vocabulary and the context length.
func (m *Model) encoder() encoded.Encoder[row] {
	key := undertone.NewHasher("nplm encoding").Digest(m.config.Vocabulary.digest).Uint(uint64(m.config.Context)).Sum()
	return encoded.Encoder[row]{Key: key, Encode: m.encode}
}

// encode turns an example into tokens.
func (m *Model) encode(e undertone.Example) (row, error) {
	if m.onEncode != nil {
		m.onEncode()
	}
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
