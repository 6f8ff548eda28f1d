package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/tensor/internal/jsontype"
)

// file is a tokenizer.json. The functions of json_rules.go read its rules.
type file struct {
	AddedTokens []struct {
		ID         int32
		Content    string
		SingleWord bool `json:"single_word"`
		LStrip     bool
		RStrip     bool
		Normalized bool
		Special    bool
	} `json:"added_tokens"`
	Normalizer    json.RawMessage
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Decoder       json.RawMessage
	Model         struct {
		Type         string
		Vocab        map[string]int32
		Merges       json.RawMessage
		Unknown      *string `json:"unk_token"`
		FuseUnknown  bool    `json:"fuse_unk"`
		ByteFallback bool    `json:"byte_fallback"`
		IgnoreMerges bool    `json:"ignore_merges"`
		Dropout      float64
		Prefix       string `json:"continuing_subword_prefix"`
		Suffix       string `json:"end_of_word_suffix"`
	}
}

func loadJSON(path string) (*Tokenizer, error) {
	data, err := read(path, maxFile)
	if err != nil {
		return nil, err
	}
	const name = "tokenizer_config.json"
	config, err := read(filepath.Join(filepath.Dir(path), name), maxFile)
	if errors.Is(err, os.ErrNotExist) {
		config = nil
	} else if err != nil {
		return nil, fmt.Errorf("%s in its folder: %w", name, err)
	}
	return parseJSON(data, config)
}

// parseJSON reads a tokenizer.json, and BOS and EOS from the tokenizer_config.json in the same
// folder, which may be nil.
func parseJSON(data, config []byte) (*Tokenizer, error) {
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, jsontype.Explain(err))
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	extra := make([]added, len(f.AddedTokens))
	for i, a := range f.AddedTokens {
		extra[i] = added{a.ID, a.Content, a.Special, a.Normalized, a.SingleWord, a.LStrip, a.RStrip}
	}
	t, err := newTokenizer(f.Model.Vocab, extra)
	if err != nil {
		return nil, err
	}
	if err := t.setRules(&f, extra); err != nil {
		return nil, err
	}
	if err := t.setEnds(config, f.PostProcessor); err != nil {
		return nil, err
	}
	t.finish(extra)
	return t, nil
}

func (f *file) check() error {
	m := &f.Model
	switch {
	case m.Type != "BPE" && !(m.Type == "" && m.Merges != nil):
		return fmt.Errorf("model type %.80q: %w: want BPE", m.Type, ErrUnsupported)
	case m.Dropout != 0:
		return fmt.Errorf("model dropout %v: %w: want null, ids must not be random", m.Dropout, ErrUnsupported)
	case m.Prefix != "":
		return fmt.Errorf("model continuing_subword_prefix %.80q: %w", m.Prefix, ErrUnsupported)
	case m.Suffix != "":
		return fmt.Errorf("model end_of_word_suffix %.80q: %w", m.Suffix, ErrUnsupported)
	case len(m.Vocab) == 0:
		return fmt.Errorf("model has no vocab: %w", ErrMalformed)
	}
	return nil
}

// setRules reads the rules in the order in which they apply to a text. The decoder also applies to
// added tokens: Gemma's "▁▁" is two spaces.
func (t *Tokenizer) setRules(f *file, extra []added) (err error) {
	if t.normalize, err = normalizers(f.Normalizer, maxDepth); err != nil {
		return fmt.Errorf("normalizer: %w", err)
	}
	var pre preTokenizer
	if err := pre.read(f.PreTokenizer, maxDepth); err != nil {
		return fmt.Errorf("pre_tokenizer: %w", err)
	}
	t.prepare, t.splitters = pre.prepare, pre.split
	if err := checkGrowth(slices.Concat(t.normalize, t.prepare)); err != nil {
		return err
	}
	if err := t.setModel(f, pre.byteLevel); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	d := decoder{byteLevel: pre.byteLevel && isNull(f.Decoder)}
	if err := d.read(f.Decoder, maxDepth); err != nil {
		return fmt.Errorf("decoder: %w", err)
	}
	if err := checkGrowth(d.replace); err != nil {
		return fmt.Errorf("decoder: %w", err)
	}
	t.trim = d.trim
	for token, id := range f.Model.Vocab {
		t.texts[id] = d.text(token)
	}
	for _, a := range extra {
		t.texts[a.id] = d.text(a.content)
	}
	return nil
}

func (t *Tokenizer) setModel(f *file, ofBytes bool) error {
	vocab := f.Model.Vocab
	t.model = bpe{unknown: -1, fuse: f.Model.FuseUnknown}
	if u := f.Model.Unknown; u != nil {
		id, ok := vocab[*u]
		if !ok {
			return fmt.Errorf("unk_token %.200q is not in vocab: %w", *u, ErrMalformed)
		}
		t.model.unknown = id
	}
	for i := range t.model.bytes {
		t.model.bytes[i] = -1
	}
	switch {
	case ofBytes && f.Model.ByteFallback:
		return fmt.Errorf("byte_fallback with a ByteLevel pre_tokenizer: %w", ErrUnsupported)
	case ofBytes:
		for b, r := range byteLevel {
			if id, ok := vocab[string(r)]; ok {
				t.model.bytes[b] = id
			}
		}
	default:
		t.model.chars = oneCharacter(vocab)
		if f.Model.ByteFallback {
			t.model.byteTokens(vocab)
		}
	}
	if f.Model.IgnoreMerges {
		t.model.whole = wholeWords(vocab, ofBytes)
	}
	merges, err := mergesOf(f.Model.Merges, vocab)
	t.model.merges = merges
	return err
}

// setEnds sets BOS and EOS: those of the configuration or, without a configuration, those of the
// post-processor's template.
func (t *Tokenizer) setEnds(config, postProcessor json.RawMessage) error {
	var names struct {
		BOS    tokenName `json:"bos_token"`
		EOS    tokenName `json:"eos_token"`
		AddBOS *bool     `json:"add_bos_token"`
	}
	if config != nil {
		if err := json.Unmarshal(config, &names); err != nil {
			return fmt.Errorf("tokenizer_config.json in its folder: %w: %w", ErrMalformed, jsontype.Explain(err))
		}
	} else {
		names.BOS, names.EOS = templateEnds(postProcessor, maxDepth)
	}
	for _, end := range []struct {
		what string
		name tokenName
		id   *int32
	}{{"bos_token", names.BOS, &t.bos}, {"eos_token", names.EOS, &t.eos}} {
		if end.name == "" {
			continue
		}
		id, ok := t.ids[string(end.name)]
		if !ok {
			return fmt.Errorf("%s %.200q is not in the vocabulary: %w", end.what, end.name, ErrMalformed)
		}
		*end.id = id
	}
	first, _ := templateEnds(postProcessor, maxDepth)
	t.addsBOS = first != "" && first == names.BOS
	if names.AddBOS != nil {
		t.addsBOS = *names.AddBOS
	}
	return nil
}

// tokenName is a token in tokenizer_config.json: a string, or an object with its content.
type tokenName string

func (n *tokenName) UnmarshalJSON(data []byte) error {
	if strings.HasPrefix(string(data), "{") {
		var object struct{ Content string }
		err := json.Unmarshal(data, &object)
		*n = tokenName(object.Content)
		return err
	}
	return json.Unmarshal(data, (*string)(n))
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
