package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// oneCharacter returns the tokens that are one character.
func oneCharacter(vocab map[string]int32) map[rune]int32 {
	chars := map[rune]int32{}
	for token, id := range vocab {
		if r, n := utf8.DecodeRuneInString(token); n > 0 && n == len(token) {
			chars[r] = id
		}
	}
	return chars
}

// wholeWords returns the vocabulary by the words as they are cut from the text.
func wholeWords(vocab map[string]int32, ofBytes bool) map[string]int32 {
	if !ofBytes {
		return vocab
	}
	words := make(map[string]int32, len(vocab))
	for token, id := range vocab {
		if word, ok := fromByteLevel(token); ok {
			words[word] = id
		}
	}
	return words
}

// mergeList reads merges, which are written as "a b" or, because a token may contain a space, as
// ["a","b"].
func mergeList(raw json.RawMessage) ([][]string, error) {
	var both [][]string
	if json.Unmarshal(raw, &both) == nil {
		return both, nil
	}
	var lines []string
	if err := json.Unmarshal(raw, &lines); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	both = make([][]string, len(lines))
	for i, line := range lines {
		both[i] = strings.Split(line, " ")
	}
	return both, nil
}

// mergesOf returns the listed merges with their ids. If a pair is listed twice, the later one
// counts.
func mergesOf(raw json.RawMessage, vocab map[string]int32) (pairs, error) {
	list, err := mergeList(raw)
	if err != nil {
		return nil, fmt.Errorf("merges: %w", err)
	}
	merges := make(pairs, len(list))
	for rank, m := range list {
		if len(m) != 2 {
			return nil, fmt.Errorf("merges: %d: %.200q: want two tokens: %w", rank, m, ErrMalformed)
		}
		left, okLeft := vocab[m[0]]
		right, okRight := vocab[m[1]]
		id, ok := vocab[m[0]+m[1]]
		if !okLeft || !okRight || !ok {
			return nil, fmt.Errorf("merges: %d: %.200q: they or what they make is not in vocab: %w", rank, m, ErrMalformed)
		}
		merges[[2]int32{left, right}] = merged{id, int32(rank)}
	}
	return merges, nil
}
