package serve

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/undertone-audit/undertone/student/lm"
)

// prompt is a prompt of a request: a text or tokens.
type prompt struct {
	text   string // "" for tokens
	ids    []int32
	spaces string // see [lm.Prompt]
	from   int    // the first token to score
}

func (p prompt) forModel() lm.Prompt { return lm.Prompt{IDs: p.ids, Spaces: p.spaces} }

// prompts decodes the field prompt: a text, texts, tokens, or lists of tokens.
func (s *Server) prompts(raw json.RawMessage, specials bool) ([]prompt, error) {
	raw = bytes.TrimSpace(raw)
	empty := invalid("prompt", "`prompt` is empty")
	if len(raw) == 0 {
		return nil, empty
	}
	var all []prompt
	var err error
	switch element := firstElement(raw); {
	case raw[0] == '"', element == '"':
		all, err = s.texts(raw, specials)
	case element == '[':
		all, err = s.lists(raw)
	default:
		p := prompt{}
		err = decodePrompt(raw, &p.ids)
		all = append(all, p)
	}
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, empty
	}
	return all, s.checkPrompts(all)
}

// firstElement returns the first byte of the first element of a JSON array, 0 if raw is none.
func firstElement(raw []byte) byte {
	if raw[0] != '[' {
		return 0
	}
	if rest := trimSpace(raw[1:]); len(rest) > 0 {
		return rest[0]
	}
	return 0
}

var errPrompt = invalid("prompt", "`prompt` is neither a text, a list of texts, a list of tokens nor a list of lists of tokens")

func decodePrompt(raw []byte, to any) error {
	if err := json.Unmarshal(raw, to); err != nil {
		return errPrompt
	}
	return nil
}

// texts returns the prompts of one or several texts.
func (s *Server) texts(raw []byte, specials bool) ([]prompt, error) {
	texts := []string{""}
	var err error
	if raw[0] == '"' {
		err = decodePrompt(raw, &texts[0])
	} else {
		texts, err = s.listOfTexts(raw)
	}
	if err != nil {
		return nil, err
	}
	all := make([]prompt, len(texts))
	for i, text := range texts {
		if all[i].ids, err = s.spelling.encode(text, specials); err != nil {
			return nil, err
		}
		all[i].text = text
	}
	return all, nil
}

// listOfTexts decodes texts one by one, up to the limit of prompts.
func (s *Server) listOfTexts(raw []byte) (texts []string, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	_, err = d.Token()
	for err == nil && d.More() {
		if len(texts) == s.config.Prompts {
			return nil, s.tooMany()
		}
		var text string
		err = d.Decode(&text)
		texts = append(texts, text)
	}
	if err != nil {
		return nil, errPrompt
	}
	return texts, nil
}

// lists returns the prompts of lists of tokens.
func (s *Server) lists(raw []byte) ([]prompt, error) {
	if n := bytes.Count(raw, []byte{'['}) - 1; n > s.config.Prompts {
		return nil, s.tooMany()
	}
	memory := make([]int32, 0, min(bytes.Count(raw, []byte{','})+1, s.config.Entries)) // of all prompts
	var all []prompt
	for rest := raw[1:]; ; {
		ids, after, err := parseIDs(memory, rest)
		if err != nil {
			return nil, err
		}
		all, memory = append(all, prompt{ids: ids[:len(ids):len(ids)]}), ids[len(ids):]
		if rest = trimSpace(after); rest[0] == ']' {
			return all, nil
		}
		rest = rest[1:] // the comma
	}
}

// parseIDs reads the list of tokens at the beginning of raw, which is valid JSON, and appends them
// to memory of no length. It returns what follows the list.
func parseIDs(memory []int32, raw []byte) (ids []int32, after []byte, err error) {
	ids, raw = memory[:0], trimSpace(raw)
	if raw[0] != '[' {
		return nil, nil, errPrompt
	}
	for raw = trimSpace(raw[1:]); raw[0] != ']'; {
		n := 0
		for raw[n] != ',' && raw[n] != ']' && !isSpace(raw[n]) {
			n++
		}
		id, err := strconv.ParseInt(string(raw[:n]), 10, 32)
		if err != nil {
			return nil, nil, errPrompt
		}
		ids, raw = append(ids, int32(id)), trimSpace(raw[n:])
		if raw[0] == ',' {
			raw = trimSpace(raw[1:])
		}
	}
	return ids, raw[1:], nil
}

// trimSpace returns raw without what may stand between the tokens of JSON.
func trimSpace(raw []byte) []byte {
	for len(raw) > 0 && isSpace(raw[0]) {
		raw = raw[1:]
	}
	return raw
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func (s *Server) tooMany() error {
	return invalid("prompt", "`prompt` has more than %d prompts: send them in several requests", s.config.Prompts)
}

// checkPrompts returns an error for a prompt that the model cannot read.
func (s *Server) checkPrompts(all []prompt) error {
	c := s.config.Model.Config()
	for i, p := range all {
		if len(p.ids) == 0 {
			return invalid("prompt", "prompt %d has no tokens", i)
		}
		if len(p.ids) > c.Context {
			return invalid("input_tokens", "This model's maximum context length is %d tokens. However, prompt %d has %d input tokens. Please reduce the length of the input prompt.", c.Context, i, len(p.ids))
		}
		for at, id := range p.ids {
			if id < 0 || int(id) >= c.Vocabulary {
				return invalid("prompt", "token %d of prompt %d is %d, want 0 to %d", at, i, id, c.Vocabulary-1)
			}
		}
	}
	return nil
}

// spelling turns texts into tokens and tokens into texts, as clients of vLLM expect them.
type spelling struct {
	model  *lm.Model
	anchor []int32 // a token before others, so that they keep their own spaces
	before string  // its text
	most   int     // bytes of a text: no token is longer than maxTokenBytes

	spelled []atomic.Pointer[spelled] // by token; nil until the token is spelled
}

// spelled is a token as it continues a text.
type spelled struct {
	piece  string // may be a part of a character
	quoted string // the piece in JSON; "" if it is not UTF-8
	rest   string // see unfinished
}

// maxTokenBytes bounds the bytes of a token: a longer text of more than the context's tokens is
// refused before it is encoded.
const maxTokenBytes = 256

func newSpelling(m *lm.Model) *spelling {
	t := m.Tokenizer()
	s := &spelling{model: m, most: m.Config().Context * maxTokenBytes, spelled: make([]atomic.Pointer[spelled], m.Config().Vocabulary)}
	for id := range int32(t.Len()) {
		if text := t.Decode([]int32{id}); strings.TrimSpace(text) == text && text != "" && !t.IsSpecial(id) {
			s.anchor, s.before = []int32{id}, text
			break
		}
	}
	return s
}

// encode returns the tokens of a text, in which special tokens may be spelled out. With specials,
// BOS precedes them if the tokenizer puts it before a text.
func (s *spelling) encode(text string, specials bool) ([]int32, error) {
	if len(text) > s.most {
		return nil, invalid("prompt", "a prompt has %d bytes, more than %d tokens of the model can hold", len(text), s.model.Config().Context)
	}
	t := s.model.Tokenizer()
	ids := t.EncodeChat(text)
	if bos, ok := t.BOS(); ok && specials && t.AddsBOS() {
		ids = append([]int32{bos}, ids...)
	}
	return ids, nil
}

// spell returns the spelling of a token of the vocabulary of the model.
func (s *spelling) spell(id int32) *spelled {
	if t := s.spelled[id].Load(); t != nil {
		return t
	}
	text := s.model.Tokenizer().Decode(append(s.anchor[:len(s.anchor):len(s.anchor)], id))
	t := &spelled{piece: strings.TrimPrefix(text, s.before)}
	t.rest = unfinished(t.piece)
	if utf8.ValidString(t.piece) {
		quoted, _ := json.Marshal(t.piece) // a text has JSON
		t.quoted = string(quoted)
	}
	s.spelled[id].Store(t)
	return t
}

// piece returns the text of a token as it continues a text. It may be a part of a character.
func (s *spelling) piece(id int32) string { return s.spell(id).piece }

// decode returns the text of tokens, with special tokens spelled out.
func (s *spelling) decode(ids []int32) string {
	return strings.ToValidUTF8(s.model.Tokenizer().Decode(ids), "\uFFFD")
}
