package nplm

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
)

// Vocabulary is a short list of tokens. It encodes text greedily, the longest token first; spaces
// separate tokens and have no token. Token 0 ends a text and fills the context before its
// beginning; it has no spelling. A Vocabulary is immutable and safe for concurrent use.
type Vocabulary struct {
	spelling []string     // by token; "" for end
	starting [256][]int32 // tokens by the first byte of their spelling, longest first
	digest   undertone.Digest
}

const end int32 = 0

// maxTokens limits a vocabulary, so that hostile input cannot exhaust memory.
const maxTokens = 4096

// NewVocabulary returns the vocabulary of the given spellings, 1 to 4095 of them. They must be
// different, not empty, and without spaces.
func NewVocabulary(spellings ...string) (*Vocabulary, error) {
	if n := len(spellings); n == 0 || n >= maxTokens {
		return nil, fmt.Errorf("nplm: the vocabulary has %d tokens, want 1 to %d", n, maxTokens-1)
	}
	v := &Vocabulary{spelling: append([]string{""}, spellings...)}
	h := undertone.NewHasher("vocabulary")
	known := map[string]bool{}
	for i, s := range spellings {
		if s == "" || strings.ContainsAny(s, " \t\n") {
			return nil, fmt.Errorf("nplm: token %d is %.40q: a token has at least one character and no space", i+1, s)
		}
		if known[s] {
			return nil, fmt.Errorf("nplm: token %.40q is listed twice", s)
		}
		known[s] = true
		v.starting[s[0]] = append(v.starting[s[0]], int32(i+1))
		h.Text(s)
	}
	for _, tokens := range v.starting {
		slices.SortStableFunc(tokens, func(a, b int32) int { return len(v.spelling[b]) - len(v.spelling[a]) })
	}
	v.digest = h.Sum()
	return v, nil
}

// Len returns the number of tokens, including the end token.
func (v *Vocabulary) Len() int { return len(v.spelling) }

// Encode returns the tokens of a text, without the end token. Text that begins no token is an
// error.
func (v *Vocabulary) Encode(text string) ([]int32, error) {
	tokens := make([]int32, 0, len(text)/2+1)
	for at := 0; at < len(text); {
		if text[at] == ' ' {
			at++
			continue
		}
		token, ok := v.first(text[at:])
		if !ok {
			return nil, fmt.Errorf("nplm: byte %d of %.60q begins no token of the vocabulary", at, text)
		}
		tokens = append(tokens, token)
		at += len(v.spelling[token])
	}
	return tokens, nil
}

// first returns the longest token that text begins with; text is not empty.
func (v *Vocabulary) first(text string) (token int32, ok bool) {
	for _, token := range v.starting[text[0]] {
		if strings.HasPrefix(text, v.spelling[token]) {
			return token, true
		}
	}
	return 0, false
}

// Decode returns the text of tokens, with a space beside each word of two characters or more.
func (v *Vocabulary) Decode(tokens []int32) string {
	var b strings.Builder
	word := false
	for _, t := range tokens {
		s := v.spelling[t]
		before := word
		word = utf8.RuneCountInString(s) > 1
		if b.Len() > 0 && (before || word) {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	return b.String()
}
