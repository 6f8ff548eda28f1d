package tokenizer

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// First tokens of a vocabulary exported by llama2.c.
const (
	scoresUnknown = iota
	scoresBOS
	scoresEOS
	scoresReserved
)

// leastScore is the start of run.c's search for the best pair: a pair with a score at most this
// never merges.
const leastScore = -1e10

func loadScores(path string) (*Tokenizer, error) {
	data, err := read(path, maxFile)
	if err != nil {
		return nil, err
	}
	return parseScores(data)
}

// parseScores reads a vocabulary of llama2.c: the length of the longest token, then score, length
// and bytes of every token, with 32-bit little-endian numbers. It encodes as encode in run.c does:
// a space before the text, bytes for characters that are not in the vocabulary, and of all pairs
// that a token spells the one with the highest score first. https://github.com/karpathy/llama2.c
func parseScores(data []byte) (*Tokenizer, error) {
	tokens, scores, err := readScores(data)
	if err != nil {
		return nil, err
	}
	ids := make(map[string]int32, len(tokens))
	for id, token := range tokens {
		if id < scoresReserved {
			token = strings.Trim(token, "\n") // run.c prints it as "\n<s>\n"
		}
		if old, ok := ids[token]; ok {
			return nil, fmt.Errorf("token %.200q has the ids %d and %d: %w", token, old, id, ErrMalformed)
		}
		ids[token] = int32(id)
	}
	extra := []added{
		{id: scoresBOS, content: strings.Trim(tokens[scoresBOS], "\n"), special: true},
		{id: scoresEOS, content: strings.Trim(tokens[scoresEOS], "\n"), special: true},
	}
	t, err := newTokenizer(ids, extra)
	if err != nil {
		return nil, err
	}
	t.bos, t.eos = scoresBOS, scoresEOS
	t.normalize = []rewriter{prepended{text: " "}}
	t.trim = 1
	merges := spans{ids: map[string]int32{}, ranks: ranksOf(scores)}
	t.model = bpe{chars: map[rune]int32{}, unknown: scoresUnknown, merges: merges}
	if !t.model.byteTokens(ids) {
		return nil, fmt.Errorf("some of the tokens <0x00> … <0xFF> are missing: %w", ErrMalformed)
	}
	for b, id := range t.model.bytes {
		t.texts[id] = string([]byte{byte(b)})
	}
	for id, token := range tokens[scoresReserved:] {
		id := int32(id + scoresReserved)
		if id == t.model.bytes[t.texts[id][0]] && len(t.texts[id]) == 1 && token != t.texts[id] {
			continue // a byte: the spelling is not its text
		}
		if r, n := utf8.DecodeRuneInString(token); n == len(token) {
			t.model.chars[r] = id
		}
		if utf8.ValidString(token) && scores[id] > leastScore {
			merges.ids[token] = id
			merges.longest = max(merges.longest, len(token))
		}
	}
	t.model.merges = merges
	t.finish(extra)
	return t, nil
}

func readScores(data []byte) (tokens []string, scores []float32, err error) {
	if len(data) < 4 {
		return nil, nil, fmt.Errorf("%d bytes: want a vocabulary of llama2.c: %w", len(data), ErrMalformed)
	}
	rest := data[4:] // without the length of the longest token
	for len(rest) > 0 {
		at := len(data) - len(rest)
		if len(rest) < 8 {
			return nil, nil, fmt.Errorf("token %d at byte %d is truncated: %w", len(tokens), at, ErrMalformed)
		}
		score := math.Float32frombits(binary.LittleEndian.Uint32(rest))
		n := binary.LittleEndian.Uint32(rest[4:])
		rest = rest[8:]
		switch {
		case n == 0 || n > maxToken || int(n) > len(rest):
			return nil, nil, fmt.Errorf("token %d at byte %d has length %d, want 1 … %d: %w", len(tokens), at, n, min(maxToken, len(rest)), ErrMalformed)
		case score != score:
			return nil, nil, fmt.Errorf("token %d at byte %d has a score that is not a number: %w", len(tokens), at, ErrMalformed)
		case len(tokens) == maxTokens:
			return nil, nil, fmt.Errorf("more than %d tokens: %w", maxTokens, ErrMalformed)
		}
		tokens = append(tokens, string(rest[:n]))
		scores = append(scores, score)
		rest = rest[n:]
	}
	if len(tokens) < scoresReserved {
		return nil, nil, fmt.Errorf("%d tokens: want at least unknown, BOS and EOS: %w", len(tokens), ErrMalformed)
	}
	return tokens, scores, nil
}

// ranksOf orders tokens by decreasing score; equal scores have equal ranks.
func ranksOf(scores []float32) []int32 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	ranks := make([]int32, len(scores))
	rank := int32(0)
	for i, id := range order {
		if i > 0 && scores[id] != scores[order[i-1]] {
			rank++
		}
		ranks[id] = rank
	}
	return ranks
}
