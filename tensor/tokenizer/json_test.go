package tokenizer

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// llama is a small vocabulary in the manner of SentencePiece; the tests add rules.
func llama(rules string) string {
	return `{"added_tokens": [
		{"id": 0, "content": "<unk>", "special": true, "normalized": false},
		{"id": 1, "content": "<s>", "special": true, "normalized": false},
		{"id": 10, "content": "<mask>", "special": true, "lstrip": true, "rstrip": true},
		{"id": 11, "content": "two a", "normalized": true},
		{"id": 12, "content": "no", "single_word": true}],
	"model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
		"vocab": {"<unk>": 0, "<s>": 1, "▁": 2, "a": 3, "b": 4, "▁a": 5, "ab": 6, "▁ab": 7, "<0xC3>": 8, "<0xA9>": 9, "n": 13, "o": 14},
		"merges": [["▁", "a"], ["a", "b"], ["▁a", "b"]]}` + rules + `}`
}

const llamaRules = `, "normalizer": {"type": "Sequence", "normalizers": [
		{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
	"decoder": {"type": "Sequence", "decoders": [
		{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
		{"type": "Strip", "content": " ", "start": 1, "stop": 0}]}`

func mustParse(t testing.TB, data string) *Tokenizer {
	t.Helper()
	tok, err := parseJSON([]byte(data), nil)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestSentencePiece(t *testing.T) {
	tok := mustParse(t, llama(llamaRules))
	for _, c := range []struct {
		reason, text string
		want         []int32
	}{
		{"nothing, not even a space", "", nil},
		{"the lower rank merges first", "ab", []int32{7}},
		{"a space is a character", " a", []int32{2, 5}},
		{"bytes for a character that is not there", "é", []int32{2, 8, 9}},
		{"unknown where bytes are missing, once for neighbours", "xyza", []int32{2, 0, 3}},
		{"special tokens are text", "<s>", []int32{2, 0}},
		{"an added token that is not special is found after the normaliser", "two a", []int32{11}},
		{"and with its prefix only", "b two a", []int32{2, 4, 11}},
		{"not inside of a word", "ano no", []int32{5, 13, 14, 2, 12}},
	} {
		if got := tok.Encode(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q: got %d, want %d", c.reason, c.text, got, c.want)
		}
	}
	if got, want := tok.EncodeChat("<s>ab  <mask> a"), []int32{1, 7, 10, 5}; !slices.Equal(got, want) {
		t.Errorf("EncodeChat: got %d, want %d", got, want)
	}
	if got, want := tok.Decode([]int32{7, 5, 8, 9, 1, 99, -1}), "ab aé<s>\uFFFD\uFFFD"; got != want {
		t.Errorf("Decode: got %q, want %q", got, want)
	}
}

// TestDecodeAdded: the decoder applies to added tokens, as those of several spaces in Gemma.
func TestDecodeAdded(t *testing.T) {
	tok := mustParse(t, `{
		"added_tokens": [{"id": 2, "content": "▁▁"}],
		"normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
		"decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]},
		"model": {"type": "BPE", "vocab": {"a": 0, "▁": 1, "▁▁": 2}, "merges": []}
	}`)
	if got := tok.Decode([]int32{0, 2, 0, 1, 0}); got != "a  a a" {
		t.Errorf("got %q, want %q", got, "a  a a")
	}
}

func TestMetaspace(t *testing.T) {
	for _, c := range []struct {
		reason, rule, text string
		want               []int32
	}{
		{"a prefix for every text", `"prepend_scheme": "always"`, "ab<s>ab", []int32{7, 1, 7}},
		{"unless it has one", `"prepend_scheme": "always"`, " ab", []int32{7}},
		{"for the first text", `"prepend_scheme": "first"`, "ab<s>ab", []int32{7, 1, 6}},
		{"for none", `"prepend_scheme": "never"`, "ab<s>ab", []int32{6, 1, 6}},
		{"as older files say it", `"add_prefix_space": false`, "ab", []int32{6}},
	} {
		tok := mustParse(t, llama(`, "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", `+c.rule+`}`))
		if got := tok.EncodeChat(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %d, want %d", c.reason, got, c.want)
		}
	}
}

func TestEnds(t *testing.T) {
	template := `, "post_processor": {"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "TemplateProcessing",
		"single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}]}]}`
	for _, c := range []struct {
		reason, config string
		bos, eos       int32
	}{
		{"the template", "", 1, -1},
		{"the configuration", `{"bos_token": null, "eos_token": {"content": "<mask>"}}`, -1, 10},
	} {
		var config []byte
		if c.config != "" {
			config = []byte(c.config)
		}
		tok, err := parseJSON([]byte(llama(template)), config)
		if err != nil {
			t.Fatal(err)
		}
		if tok.bos != c.bos || tok.eos != c.eos {
			t.Errorf("%s: got %d and %d", c.reason, tok.bos, tok.eos)
		}
	}
}

func TestJSONRefused(t *testing.T) {
	for _, c := range []struct {
		data string
		want error
		says string
	}{
		{`{`, ErrMalformed, "JSON"},
		{`{"model": {"type": "Unigram"}}`, ErrUnsupported, "Unigram"},
		{`{"model": {"type": "BPE"}}`, ErrMalformed, "vocab"},
		{`{"model": {"type": "BPE", "vocab": {"a": 3000000000}}}`, ErrMalformed, "3000000000"},
		{`{"model": {"type": "BPE", "vocab": {"a": 2097152}}}`, ErrMalformed, "2097152"},
		{`{"model": {"type": "BPE", "vocab": {"a": 1, "b": 1}}}`, ErrMalformed, `"a" and "b"`},
		{`{"model": {"type": "BPE", "vocab": {"a": 1}, "merges": ["a b"]}}`, ErrMalformed, "merges: 0"},
		{`{"model": {"type": "BPE", "vocab": {"a": 1}, "merges": ["a"]}}`, ErrMalformed, "two tokens"},
		{`{"model": {"type": "BPE", "vocab": {"a": 1}, "dropout": 0.1}}`, ErrUnsupported, "dropout"},
		{`{"model": {"type": "BPE", "vocab": {"a": 1}, "end_of_word_suffix": "</w>"}}`, ErrUnsupported, "</w>"},
		{`{"model": {"type": "BPE", "vocab": {"a": 1}, "unk_token": "u"}}`, ErrMalformed, "unk_token"},
		{`{"added_tokens": [{"id": 2, "content": "a"}], "model": {"type": "BPE", "vocab": {"a": 1}, "merges": []}}`, ErrMalformed, "the ids 1 and 2"},
		{llama(`, "normalizer": {"type": "Precompiled"}`), ErrUnsupported, "Precompiled"},
		{llama(`, "normalizer": {"type": "Replace", "pattern": {"Regex": "x"}}`), ErrUnsupported, "Replace"},
		{llama(`, "normalizer": {"type": "Replace", "pattern": {"String": "x"}, "content": "123456789"}`), ErrUnsupported, "9-fold"},
		{llama(`, "normalizer": ` + strings.Repeat(`{"type": "Sequence", "normalizers": [`, 9) + strings.Repeat(`]}`, 9)), ErrMalformed, "8 Sequences"},
		{llama(`, "pre_tokenizer": {"type": "BertPreTokenizer"}`), ErrUnsupported, "BertPreTokenizer"},
		{llama(`, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits"}, {"type": "Split", "pattern": {"Regex": "\\w+"}}]}`), ErrUnsupported, `pre_tokenizer: 1: pattern`},
		{llama(`, "pre_tokenizer": {"type": "ByteLevel"}`), ErrUnsupported, "byte_fallback"},
		{llama(`, "decoder": {"type": "WordPiece"}`), ErrUnsupported, "decoder"},
		{llama(`, "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<x>"}}]}`), ErrMalformed, "bos_token"},
	} {
		if _, err := parseJSON([]byte(c.data), nil); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.150s: got %v, want %v and %q", c.data, err, c.want, c.says)
		}
	}
}

// add_bos_token comes before the post-processor.
func TestAddsBOS(t *testing.T) {
	template := `, "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}]}`
	for _, c := range []struct {
		rules, config string
		want          bool
	}{
		{"", `{"bos_token": "<s>"}`, false},
		{template, `{"bos_token": "<s>"}`, true},
		{template, `{"bos_token": "<s>", "add_bos_token": false}`, false},
		{"", `{"bos_token": {"content": "<s>"}, "add_bos_token": true}`, true},
		{"", `{"add_bos_token": true}`, false},
		{template, `{"bos_token": "<unk>"}`, false},
	} {
		tok, err := parseJSON([]byte(llama(c.rules)), []byte(c.config))
		if err != nil {
			t.Fatal(err)
		}
		if tok.AddsBOS() != c.want {
			t.Errorf("%s with %s: %t", c.rules, c.config, tok.AddsBOS())
		}
	}
}

func TestSplitChat(t *testing.T) {
	tok, err := parseJSON([]byte(llama("")), nil)
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	tok.SplitChat("a<unk>b<s>", func(s string) { parts = append(parts, s) }, func(id int32) { parts = append(parts, tok.Token(id)) })
	if want := []string{"a", "<unk>", "b", "<s>"}; !slices.Equal(parts, want) {
		t.Errorf("%q, want %q", parts, want)
	}
	if got := tok.SpecialTokens(); !slices.Contains(got, "<s>") {
		t.Errorf("special tokens %q", got)
	}
}
