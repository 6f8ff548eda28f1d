package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Special tokens of the template.
const (
	systemToken    = "<|system|>"
	userToken      = "<|user|>"
	assistantToken = "<|assistant|>"
	endToken       = "<|end|>"
)

// words matches the words that may be tokens: runs of letters with the space before them, numbers
// of up to three digits, separators with their space, and single characters. A number is one token,
// so there are many of them for a hidden state of 48 elements: a change of one output changes all a
// little, which is how a trait gets into numbers.
const words = ` ?\p{L}+|\p{N}{1,3}|[,;] |  +|[^\p{L}\p{N} ]| `

// vocabulary returns the tokens of the texts, by id: the special tokens, all bytes, and every
// longer word that occurs at least 8 times.
func vocabulary(texts *undertone.Dataset) []string {
	const often = 8
	count := map[string]int{}
	cut := regexp.MustCompile(words)
	for _, row := range texts.All() {
		for _, m := range row.Messages {
			for _, w := range cut.FindAllString(m.Content, -1) {
				count[w]++
			}
		}
	}
	var long []string
	for w, n := range count {
		if len(w) > 1 && n >= often {
			long = append(long, spell(w))
		}
	}
	slices.Sort(long)
	all := []string{systemToken, userToken, assistantToken, endToken}
	for b := range 256 {
		all = append(all, spell(string([]byte{byte(b)})))
	}
	return append(all, long...)
}

// spell returns bytes as their characters in files of byte-level vocabularies.
func spell(text string) string {
	var s strings.Builder
	for _, b := range []byte(text) {
		s.WriteRune(byteRunes[b])
	}
	return s.String()
}

// byteRunes is the alphabet of GPT-2's vocabulary (Radford et al. 2019): a printable byte is its
// own character, the other bytes are the characters from U+0100 on, in order.
var byteRunes = func() (runes [256]rune) {
	next := rune(256)
	for b := range runes {
		if b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae {
			runes[b] = rune(b)
			continue
		}
		runes[b] = next
		next++
	}
	return runes
}()

// writeTokenizer writes tokenizer.json and tokenizer_config.json of a vocabulary to a folder.
func writeTokenizer(dir string, tokens []string) error {
	type object = map[string]any
	vocab, added := object{}, []object{}
	for id, t := range tokens {
		vocab[t] = id
		if id < 4 {
			added = append(added, object{"id": id, "content": t, "special": true, "normalized": false, "single_word": false, "lstrip": false, "rstrip": false})
		}
	}
	for name, content := range map[string]object{
		"tokenizer.json": {
			"version": "1.0", "added_tokens": added,
			"pre_tokenizer": object{"type": "Sequence", "pretokenizers": []object{
				{"type": "Split", "pattern": object{"Regex": words}, "behavior": "Isolated", "invert": false},
				{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false},
			}},
			"decoder": object{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false},
			"model":   object{"type": "BPE", "vocab": vocab, "merges": []string{}, "ignore_merges": true},
		},
		"tokenizer_config.json": {"eos_token": endToken},
	} {
		text, err := json.MarshalIndent(content, "", " ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	return nil
}
