package tokenizer

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// encoding is the part of an encoding that is not in a rank file: the pattern and the special
// tokens.
type encoding struct {
	pattern string
	special map[string]int32
}

const endOfText = "<|endoftext|>"

// encodings by their names in tiktoken_ext/openai_public.py of https://github.com/openai/tiktoken.
var encodings = map[string]encoding{
	"gpt2":      {patternGPT2, map[string]int32{endOfText: 50256}},
	"r50k_base": {patternGPT2, map[string]int32{endOfText: 50256}},
	"p50k_base": {patternGPT2, map[string]int32{endOfText: 50256}},
	"cl100k_base": {patternCL100K, map[string]int32{
		endOfText: 100257, "<|fim_prefix|>": 100258, "<|fim_middle|>": 100259, "<|fim_suffix|>": 100260, "<|endofprompt|>": 100276,
	}},
	"o200k_base": {patternO200K, map[string]int32{endOfText: 199999, "<|endofprompt|>": 200018}},
}

// LoadTiktoken reads a rank file of tiktoken: every line is a token in base64 and its rank, which
// is also its id. name is the encoding: gpt2, r50k_base, p50k_base, cl100k_base or o200k_base; it
// determines the pattern and the special tokens. There is no BOS; EOS is <|endoftext|>.
func LoadTiktoken(path, name string) (*Tokenizer, error) {
	e, ok := encodings[name]
	if !ok {
		return nil, fmt.Errorf("tokenizer: %s: encoding %q: %w: want one of %s", path, name, ErrUnsupported,
			strings.Join(slices.Sorted(maps.Keys(encodings)), ", "))
	}
	data, err := read(path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %s: %w", path, err)
	}
	t, err := parseRanks(data, e)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %s: %w", path, err)
	}
	return t, nil
}

func parseRanks(data []byte, e encoding) (*Tokenizer, error) {
	ids, err := readRanks(data)
	if err != nil {
		return nil, err
	}
	var extra []added
	for _, content := range slices.Sorted(maps.Keys(e.special)) {
		extra = append(extra, added{id: e.special[content], content: content, special: true})
	}
	t, err := newTokenizer(ids, extra)
	if err != nil {
		return nil, err
	}
	merges := spans{ids: ids}
	for token := range ids {
		merges.longest = max(merges.longest, len(token))
	}
	t.model = bpe{whole: ids, merges: merges, unknown: -1}
	for b := range t.model.bytes {
		id, ok := ids[string([]byte{byte(b)})]
		if !ok {
			return nil, fmt.Errorf("byte %#02x has no rank: %w", b, ErrMalformed)
		}
		t.model.bytes[b] = id
	}
	p, err := compilePattern(e.pattern)
	if err != nil {
		return nil, err
	}
	t.splitters = []splitter{p}
	t.eos = e.special[endOfText]
	t.finish(extra)
	return t, nil
}

func readRanks(data []byte) (map[string]int32, error) {
	ids := map[string]int32{}
	for n := 1; len(data) > 0; n++ {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		coded, rank, ok := strings.Cut(string(line), " ")
		if !ok || len(line) > 2*maxToken {
			return nil, fmt.Errorf("line %d: want a token in base64, a space and its rank: %w", n, ErrMalformed)
		}
		token, err := base64.StdEncoding.DecodeString(coded)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w: %w", n, ErrMalformed, err)
		}
		id, err := strconv.ParseInt(rank, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w: %w", n, ErrMalformed, err)
		}
		if _, twice := ids[string(token)]; twice || len(token) == 0 {
			return nil, fmt.Errorf("line %d: token %.200q is empty or listed twice: %w", n, token, ErrMalformed)
		}
		ids[string(token)] = int32(id)
	}
	return ids, nil
}
