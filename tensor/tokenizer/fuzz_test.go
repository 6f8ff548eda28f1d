package tokenizer

import (
	"slices"
	"testing"
)

const gptRules = `, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}, "decoder": {"type": "ByteLevel"}}`

func FuzzEncode(f *testing.F) {
	p := readPublished(f)
	for _, text := range p.Texts {
		f.Add(text)
	}
	var byBytes []*Tokenizer
	for _, e := range encodings {
		tok, err := parseRanks([]byte(ranks("in", "th", "he", "the", " a", "12", "123", "  ", "\n\n")), e)
		if err != nil {
			f.Fatal(err)
		}
		byBytes = append(byBytes, tok)
	}
	scored, err := parseScores(scores(scored{" ", -1}, scored{"a", -2}, scored{" a", -3}, scored{"é", -4}))
	if err != nil {
		f.Fatal(err)
	}
	byBytes = append(byBytes, scored)
	piece := mustParse(f, llama(llamaRules))
	f.Fuzz(func(t *testing.T, text string) {
		for _, tok := range byBytes {
			ids := tok.Encode(text)
			if got := tok.Decode(ids); got != text {
				t.Errorf("%q is decoded as %q", text, got)
			}
			if again := tok.Encode(text); !slices.Equal(again, ids) {
				t.Errorf("%q: %d, and again %d", text, ids, again)
			}
			tok.EncodeChat(text)
		}
		for _, id := range piece.EncodeChat(text) {
			if piece.Token(id) == "" {
				t.Errorf("%q has id %d, which no token has", text, id)
			}
		}
	})
}

// exercise uses a tokenizer of a hostile file.
func exercise(t *testing.T, tok *Tokenizer) {
	for _, text := range []string{"", "a b\n\xff é <s>12", "\u0301'S  x"} {
		for _, id := range append(tok.Encode(text), tok.EncodeChat(text)...) {
			if id < 0 || int(id) >= tok.Len() {
				t.Fatalf("%q has id %d of %d", text, id, tok.Len())
			}
		}
	}
	tok.Decode([]int32{-1, 0, 1, int32(tok.Len())})
	tok.Fingerprint()
}

func FuzzLoadJSON(f *testing.F) {
	f.Add([]byte(llama(llamaRules)), []byte(`{"bos_token": "<s>"}`))
	f.Add([]byte(llama(`, "pre_tokenizer": {"type": "Metaspace", "replacement": "▁"}, "decoder": {"type": "Metaspace", "replacement": "▁"}`)), []byte(`{}`))
	f.Add([]byte(`{"model": {"vocab": {"a": 0, "Ġ": 1, "Ġa": 2}, "merges": [["Ġ", "a"]], "ignore_merges": true}, "normalizer": {"type": "NFC"}`+gptRules), []byte(nil))
	f.Fuzz(func(t *testing.T, data, config []byte) {
		if tok, err := parseJSON(data, config); err == nil {
			exercise(t, tok)
		}
	})
}

func FuzzLoadScores(f *testing.F) {
	f.Add(scores(scored{"a", 1}, scored{" a", 2}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if tok, err := parseScores(data); err == nil {
			exercise(t, tok)
		}
	})
}

func FuzzLoadRanks(f *testing.F) {
	f.Add([]byte(ranks("ab", "abc")))
	f.Fuzz(func(t *testing.T, data []byte) {
		if tok, err := parseRanks(data, encodings["o200k_base"]); err == nil {
			exercise(t, tok)
		}
	})
}
