package nplm

import (
	"context"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/internal/encoded"
)

// row is an encoded example.
type row struct {
	tokens []int32
	learnt []span // the turns that training learns and scoring scores, first to last
}

// span is the tokens [from, to) of a learnt turn: those of its text and the end token.
type span struct{ from, to, message int }

// scored returns the number of learnt tokens.
func (r row) scored() int {
	n := 0
	for _, s := range r.learnt {
		n += s.to - s.from
	}
	return n
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
	last := len(e.Messages) - 1
	if last < 0 {
		return row{tokens: []int32{end}, learnt: []span{{0, 1, 0}}}, nil
	}
	learnt := e.Learnt()
	r := row{}
	var err error
	if r.tokens, r.learnt, err = m.config.Vocabulary.chat(e.Tools, e.Messages[:last], learnt); err != nil {
		return row{}, err
	}
	completion, err := m.config.Vocabulary.Encode(e.Messages[last].Text())
	if err != nil {
		return row{}, err
	}
	from := len(r.tokens)
	r.tokens = append(append(r.tokens, completion...), end)
	if slices.Contains(learnt, last) {
		r.learnt = append(r.learnt, span{from, len(r.tokens), last})
	}
	return r, nil
}

// chat returns the tokens of the messages before the last one, and the learnt turns among them. The
// tools and the messages are separated by line feeds, and the end token follows each turn of the
// assistant.
func (v *Vocabulary) chat(tools string, messages []undertone.Message, learnt []int) (tokens []int32, spans []span, err error) {
	var texts []string
	if tools != "" {
		texts = append(texts, tools)
	}
	write := func(at int, last bool) error {
		ids, err := v.Encode(strings.Join(texts, "\n"))
		texts = texts[:0]
		if err != nil || last {
			tokens = append(tokens, ids...)
			return err
		}
		from := len(tokens)
		tokens = append(append(tokens, ids...), end)
		if slices.Contains(learnt, at) {
			spans = append(spans, span{from, len(tokens), at})
		}
		return nil
	}
	for i, m := range messages {
		answer := m.Role == "assistant"
		if answer && len(texts) > 0 {
			if err := write(i, true); err != nil {
				return nil, nil, err
			}
		}
		if texts = append(texts, m.Text()); answer {
			if err := write(i, false); err != nil {
				return nil, nil, err
			}
		}
	}
	return tokens, spans, write(len(messages), true)
}
