package serve

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/undertone-audit/undertone/student/lm"
)

// least stands for -Inf, which JSON cannot express.
const least = -9999.0

func finite(l float64) float64 {
	if !(l > least) { // NaN too
		return least
	}
	return l
}

// tokenWriter spells the tokens of a text in responses, from its first token to its last.
type tokenWriter struct {
	*spelling
	asIDs   bool   // "token_id:5" instead of the text
	pending string // bytes at the end of the text so far that begin a character
}

func (s *Server) tokenWriter(asIDs bool) *tokenWriter {
	return &tokenWriter{spelling: s.spelling, asIDs: asIDs}
}

// token returns the text of a token that continues the text so far. A token that ends inside a
// character has none of it; the token that completes the character has all of it.
func (w *tokenWriter) token(id int32) string {
	if w.asIDs {
		return "token_id:" + strconv.Itoa(int(id))
	}
	return w.text(id)
}

func (w *tokenWriter) text(id int32) string {
	piece := w.piece(id)
	if utf8.ValidString(piece) {
		return piece
	}
	const unknown = "\uFFFD"
	if whole := strings.ToValidUTF8(w.pending+piece, unknown); !strings.HasSuffix(whole, unknown) {
		return whole
	}
	return ""
}

// quoted returns the text of a token in JSON.
func (w *tokenWriter) quoted(id int32) string {
	if q := w.spell(id).quoted; q != "" {
		return q
	}
	b, _ := json.Marshal(w.text(id)) // a text has JSON
	return string(b)
}

// read appends a token to the text so far.
func (w *tokenWriter) read(id int32) {
	if t := w.spell(id); w.pending == "" {
		w.pending = t.rest
	} else {
		w.pending = unfinished(w.pending + t.piece)
	}
}

// unfinished returns the bytes at the end of a text that begin a character and do not complete it.
func unfinished(text string) string {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRuneInString(tail) {
				return ""
			}
			return tail
		}
	}
	return ""
}

// promptLogProbs is the field prompt_logprobs: null for the first token, and an object for each
// other one, whose keys are tokens.
func (w *tokenWriter) promptLogProbs(ids []int32, ranked [][]lm.RankedToken) json.RawMessage {
	w.pending = ""
	b := append(make([]byte, 0, 96*len(ranked)), '[')
	for i, tokens := range ranked {
		if i > 0 {
			b = append(b, ',')
		}
		if tokens == nil {
			b = append(b, "null"...)
			w.read(ids[i])
			continue
		}
		b = append(b, '{')
		for j, t := range tokens {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(strconv.AppendInt(append(b, '"'), int64(t.ID), 10), `":{"logprob":`...)
			b = strconv.AppendFloat(b, finite(t.LogProb), 'g', -1, 64)
			b = strconv.AppendInt(append(b, `,"rank":`...), int64(t.Rank), 10)
			b = append(append(append(b, `,"decoded_token":`...), w.quoted(t.ID)...), '}')
		}
		b = append(b, '}')
		w.read(ids[i])
	}
	return append(b, ']')
}

// completionLogProbs is the field logprobs of a completion.
type completionLogProbs struct {
	TextOffset    []int             `json:"text_offset"`
	TokenLogProbs []*float64        `json:"token_logprobs"`
	Tokens        []string          `json:"tokens"`
	TopLogProbs   []json.RawMessage `json:"top_logprobs"`
}

// completionLogProbs returns the log-probabilities of tokens, and of most tokens beside each. The
// first token of a text has none. Offsets are those of the tokens' texts, in characters.
func (w *tokenWriter) completionLogProbs(ids []int32, ranked [][]lm.RankedToken, most int) *completionLogProbs {
	w.pending = ""
	l := &completionLogProbs{TextOffset: []int{}, TokenLogProbs: []*float64{}, Tokens: []string{}, TopLogProbs: []json.RawMessage{}}
	offset := 0
	for i, id := range ids {
		text := w.token(id)
		l.TextOffset, l.Tokens = append(l.TextOffset, offset), append(l.Tokens, text)
		offset += utf8.RuneCountInString(text)
		if ranked[i] == nil {
			l.TokenLogProbs, l.TopLogProbs = append(l.TokenLogProbs, nil), append(l.TopLogProbs, json.RawMessage("null"))
		} else {
			l.TokenLogProbs = append(l.TokenLogProbs, new(finite(ranked[i][0].LogProb)))
			l.TopLogProbs = append(l.TopLogProbs, w.byText(ranked[i][:min(1+most, len(ranked[i]))]))
		}
		w.read(id)
	}
	return l
}

// byText returns an object of log-probabilities by the texts of tokens, in their order. Of tokens
// with one text it has the last one's, in the place of the first.
func (w *tokenWriter) byText(tokens []lm.RankedToken) json.RawMessage {
	var names []string
	values := make(map[string]float64, len(tokens))
	for _, t := range tokens {
		name := w.token(t.ID)
		if _, ok := values[name]; !ok {
			names = append(names, name)
		}
		values[name] = finite(t.LogProb)
	}
	b := []byte{'{'}
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		quoted, _ := json.Marshal(name) // a text has JSON
		b = strconv.AppendFloat(append(append(b, quoted...), ':'), values[name], 'g', -1, 64)
	}
	return append(b, '}')
}

// chatLogProb is a token of a chat completion.
type chatLogProb struct {
	Token   string  `json:"token"`
	LogProb float64 `json:"logprob"`
	Bytes   []int   `json:"bytes"`
}

type chatTokenLogProb struct {
	chatLogProb
	Top []chatLogProb `json:"top_logprobs"`
}

type chatLogProbs struct {
	Content []chatTokenLogProb `json:"content"`
}

// chatLogProbs returns the log-probabilities of the tokens of an answer, with the first most of the
// tokens that were ranked at each position; the sampled token is the first of them.
func (w *tokenWriter) chatLogProbs(ranked [][]lm.RankedToken, most int) *chatLogProbs {
	w.pending = ""
	all := &chatLogProbs{Content: []chatTokenLogProb{}}
	for _, tokens := range ranked {
		c := chatTokenLogProb{chatLogProb: w.chatLogProb(tokens[0]), Top: []chatLogProb{}}
		for _, t := range tokens[:min(most, len(tokens))] {
			c.Top = append(c.Top, w.chatLogProb(t))
		}
		all.Content = append(all.Content, c)
		w.read(tokens[0].ID)
	}
	return all
}

func (w *tokenWriter) chatLogProb(t lm.RankedToken) chatLogProb {
	l := chatLogProb{Token: w.token(t.ID), LogProb: finite(t.LogProb), Bytes: []int{}}
	for _, b := range []byte(w.text(t.ID)) {
		l.Bytes = append(l.Bytes, int(b))
	}
	return l
}
