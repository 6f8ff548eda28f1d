package mlplm

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
)

// Vocabulary is a short list of tokens. Text is cut greedily, the longest token
// first; spaces only separate. Token 0 ends a text and fills the context
// before its beginning; it has no spelling.
type Vocabulary struct {
	spelling []string         // by token; "" for end
	token    map[string]int32 // by spelling
	longest  int              // bytes
	digest   undertone.Digest
}

const end int32 = 0

// maxTokens bounds a vocabulary, so that a hostile one cannot exhaust memory.
const maxTokens = 4096

// NewVocabulary returns the vocabulary of the given spellings. They must be
// different, not empty, and free of spaces.
func NewVocabulary(spellings ...string) (*Vocabulary, error) {
	if n := len(spellings); n == 0 || n >= maxTokens {
		return nil, fmt.Errorf("mlplm: vocabulary of %d tokens, want 1 to %d", n, maxTokens-1)
	}
	v := &Vocabulary{spelling: append([]string{""}, spellings...), token: map[string]int32{}}
	h := undertone.NewHasher("vocabulary")
	for i, s := range spellings {
		if s == "" || strings.ContainsAny(s, " \t\n") {
			return nil, fmt.Errorf("mlplm: token %d is %.40q: a token has at least one character and no space", i+1, s)
		}
		if _, twice := v.token[s]; twice {
			return nil, fmt.Errorf("mlplm: token %.40q stands twice in the vocabulary", s)
		}
		v.token[s] = int32(i + 1)
		v.longest = max(v.longest, len(s))
		h.Text(s)
	}
	v.digest = h.Sum()
	return v, nil
}

// Len returns the number of tokens, end included.
func (v *Vocabulary) Len() int { return len(v.spelling) }

// Encode cuts text into tokens, without the end token.
func (v *Vocabulary) Encode(text string) ([]int32, error) {
	tokens := make([]int32, 0, len(text)/2+1)
	for at := 0; at < len(text); {
		if text[at] == ' ' {
			at++
			continue
		}
		n := min(v.longest, len(text)-at)
		for n > 0 {
			if t, ok := v.token[text[at:at+n]]; ok {
				tokens = append(tokens, t)
				break
			}
			n--
		}
		if n == 0 {
			return nil, fmt.Errorf("mlplm: byte %d of %.60q begins no token of the vocabulary", at, text)
		}
		at += n
	}
	return tokens, nil
}

// Decode spells tokens out, a space beside each word of two characters or more.
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
